import { isolated } from "../../shared/format_characters.ts";
import { INCIDENT_WORDS, MAINTENANCE_WORDS, STATE_WORDS } from "../../shared/status/words.ts";
import type { Status } from "../../shared/status/status.ts";
import { percentText } from "../../shared/status/uptime.ts";

/** How things stand in plain lines, for terminals. */
export function statusText(status: Status, url: string): string {
  const width = Math.max(0, ...status.components.map(({ name }) => [...name].length));
  const lines = [
    oneLine(`${isolated(status.page.name)}: ${status.sentence}`),
    ...status.announcements.map(({ level, text }) => `[${level}] ${oneLine(text)}`),
    "",
    ...status.components.map(({ name, state, uptime90 }) =>
      `${oneLine(name).padEnd(width)}  ${STATE_WORDS[state]}${
        uptime90 === null ? "" : ` (${percentText(uptime90)} in 90 days)`
      }`
    ),
    ...status.incidents.flatMap((
      { title, updates },
    ) => [
      "",
      oneLine(title),
      ...updates.map((update) =>
        `  ${timeText(update.at)} ${INCIDENT_WORDS[update.state]}: ${oneLine(update.text)}`
      ),
    ]),
    ...status.maintenances.flatMap(({ title, startsAt, endsAt, state }) => [
      "",
      `${oneLine(title)} (${MAINTENANCE_WORDS[state].toLowerCase()})`,
      `  ${timeText(startsAt)} to ${timeText(endsAt)}`,
    ]),
    "",
    `As of ${timeText(status.page.asOf)} · ${url}/status`,
  ];
  return `${lines.join("\n")}\n`;
}

/** The same as Markdown, for programs that read text. */
export function statusMarkdown(status: Status, url: string): string {
  const lines = [
    `# ${escape(isolated(status.page.name))} status`,
    "",
    `**${escape(status.sentence)}**`,
    "",
    ...status.announcements.map(({ level, text }) => `> ${level}: ${escape(oneLine(text))}`),
    "",
    "| Component | State | Uptime, 90 days |",
    "| --- | --- | --- |",
    ...status.components.map(({ name, state, uptime90 }) =>
      `| ${escape(name)} | ${STATE_WORDS[state]} | ${
        uptime90 === null ? "not measured" : percentText(uptime90)
      } |`
    ),
    ...status.incidents.flatMap(({ title, updates }) => [
      "",
      `## ${escape(title)}`,
      "",
      ...updates.map((update) =>
        `- ${timeText(update.at)} **${INCIDENT_WORDS[update.state]}**: ${escape(oneLine(update.text))}`
      ),
    ]),
    ...status.maintenances.flatMap(({ title, startsAt, endsAt, state }) => [
      "",
      `## ${escape(title)}`,
      "",
      `${MAINTENANCE_WORDS[state]}, ${timeText(startsAt)} to ${timeText(endsAt)}.`,
    ]),
    "",
    `As of ${timeText(status.page.asOf)}. <${url}/status>`,
  ];
  return `${lines.join("\n")}\n`;
}

/** A time as `2026-11-29 10:24 UTC`. */
export function timeText(time: string): string {
  return `${time.slice(0, 10)} ${time.slice(11, 16)} UTC`;
}

/** Terminals obey control characters, and what looks like a line of ours must be one. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").trim();
}

function escape(text: string): string {
  return oneLine(text).replace(/[\\`*_{}[\]()<>#+!|~-]/g, String.raw`\$&`);
}
