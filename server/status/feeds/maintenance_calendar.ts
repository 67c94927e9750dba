import type { StatusComponent, StatusMaintenance } from "../../../shared/status/status.ts";
import { MAINTENANCE_WORDS } from "../../../shared/status/words.ts";

/** What the calendar is made of. */
export interface MaintenanceCalendarSource {
  /** The workspace's name. */
  readonly name: string;
  /** Origin under which the page is served. */
  readonly url: string;
  readonly components: readonly StatusComponent[];
  readonly maintenances: readonly StatusMaintenance[];
}

/** Octets in a line without its end (RFC 5545 §3.1). */
const LINE_MAX_OCTETS = 75;
/** How often calendars look again. */
const LOOK_AGAIN = "PT1H";
// deno-lint-ignore no-control-regex -- all that values may not have; line ends are escaped before
const FORBIDDEN_PATTERN = /[\u0000-\u0008\u000a-\u001f\u007f]/g;

/** Writes planned maintenance as a calendar to subscribe to (RFC 5545, RFC 7986). */
export function maintenanceCalendar(source: MaintenanceCalendarSource): string {
  const name = valueOf(`${source.name} maintenance`);
  const lines = [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Parley//Status//EN",
    "METHOD:PUBLISH",
    `NAME:${name}`,
    `X-WR-CALNAME:${name}`,
    `REFRESH-INTERVAL;VALUE=DURATION:${LOOK_AGAIN}`,
    `X-PUBLISHED-TTL:${LOOK_AGAIN}`,
    ...source.maintenances.flatMap((maintenance) => eventOf(maintenance, source)),
    "END:VCALENDAR",
  ];
  return lines.map((line) => `${fold(line)}\r\n`).join("");
}

function eventOf(
  { id, title, state, startsAt, endsAt, createdAt, updatedAt, components, updates }: StatusMaintenance,
  source: MaintenanceCalendarSource,
): string[] {
  const names = source.components.filter((one) => components.includes(one.id)).map(({ name }) => name);
  const texts = updates.map((update) => `${MAINTENANCE_WORDS[update.state]}: ${update.text}`);
  return [
    "BEGIN:VEVENT",
    // Not the address, which may change: calendars would show everything twice.
    `UID:parley-maintenance-${id}`,
    `SEQUENCE:${updates.length - 1}`,
    `DTSTAMP:${timeOf(updatedAt)}`,
    `CREATED:${timeOf(createdAt)}`,
    `LAST-MODIFIED:${timeOf(updatedAt)}`,
    `DTSTART:${timeOf(startsAt)}`,
    `DTEND:${timeOf(new Date(Math.ceil(Date.parse(endsAt) / 1_000) * 1_000).toISOString())}`,
    `SUMMARY:${valueOf(title)}`,
    `DESCRIPTION:${valueOf(texts.join("\n\n"))}`,
    `URL:${source.url}/status/incidents/${id}`,
    ...(names.length === 0 ? [] : [`CATEGORIES:${names.map(valueOf).join(",")}`]),
    `STATUS:${state === "cancelled" ? "CANCELLED" : "CONFIRMED"}`,
    "TRANSP:TRANSPARENT",
    "END:VEVENT",
  ];
}

/** As `20300131T130000Z`. */
function timeOf(time: string): string {
  return `${time.slice(0, 19).replace(/[-:]/g, "")}Z`;
}

function valueOf(text: string): string {
  return text.toWellFormed().replace(/\r\n?/g, "\n").replace(/[\\;,]/g, String.raw`\$&`)
    .replaceAll("\n", String.raw`\n`).replace(FORBIDDEN_PATTERN, "");
}

/** Breaks a line where it is too long, never within a character. */
function fold(line: string): string {
  let folded = "";
  let from = 0;
  let octets = 0;
  for (let at = 0; at < line.length;) {
    const codePoint = line.codePointAt(at) ?? 0;
    const size = octetsOf(codePoint);
    if (octets + size > LINE_MAX_OCTETS) {
      folded += `${line.slice(from, at)}\r\n `;
      from = at;
      octets = 1;
    }
    octets += size;
    at += codePoint > 0xffff ? 2 : 1;
  }
  return folded + line.slice(from);
}

/** How long a character is in UTF-8; asking an encoder takes twenty times as long. */
function octetsOf(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x1_0000 ? 3 : 4;
}
