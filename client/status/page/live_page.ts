import { applyChange } from "../../../shared/status/apply_change.ts";
import type { StatusEvent } from "../../../shared/status/apply_change.ts";
import { SILENCE_MAX_MS } from "../../../shared/status/heartbeat.ts";
import type { LiveWords } from "../../../shared/status/live_words.ts";
import { PROBE_VALID_MS } from "../../../shared/status/probe_track.ts";
import { isOpenIncident } from "../../../shared/status/states.ts";
import type { Status } from "../../../shared/status/status.ts";
import { fetchPage } from "./fetch_page.ts";
import { arrange, drawChecked, drawStatus } from "./status_view.ts";
import { Told } from "./told.ts";
import { Zone } from "./zone.ts";

/** How long the first event may take. Some proxies hold events back; then the page asks. */
const FIRST_EVENT_MS = 10_000;
const POLL_MS = 30_000;
/** Several events together ask once, and not everybody at the same moment. */
const RENEW_DELAY_MS = 500;
/** Bars, past incidents and figures of the day are told by no event. */
const RENEW_MS = 3_600_000;
/** Checks that are older show nothing, though the events that would say so may not come. */
const CHECK_MAX_MS = PROBE_VALID_MS + 30_000;

/** Keeps an open page up to date, by events or else by asking. */
export class LivePage {
  readonly #words: LiveWords;
  readonly #zone: Zone;
  readonly #told: Told;
  #status: Status | null = null;
  /** How far the server's clock is ahead. */
  #aheadMs = 0;
  #openedAt = Date.now();
  #heardAt: number | null = null;
  #polledAt = 0;
  #renewedAt = Date.now();
  #etag: string | null = null;
  #renewTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(words: LiveWords) {
    this.#words = words;
    this.#zone = new Zone(words);
    this.#told = new Told(words);
    this.#zone.show();
  }

  /** Applies an event of the public stream. */
  apply(event: StatusEvent): void {
    this.#heardAt = Date.now();
    if (event.type === "snapshot") this.#aheadMs = Date.parse(event.status.page.asOf) - Date.now();
    const before = this.#status;
    this.#status = applyChange(before, event, this.#words);
    this.#hear();
    this.#draw();
    if (this.#status !== null) this.#told.tell(this.#status);
    if (isBeyondEvents(event) || !isArrangedAlike(before, this.#status)) this.#renew();
  }

  /** Looks at the time; call it every second. */
  tick(): void {
    const now = Date.now();
    if (document.visibilityState === "hidden") return;
    const silentMs = now - (this.#heardAt ?? this.#openedAt);
    const isSilent = silentMs > (this.#heardAt === null ? FIRST_EVENT_MS : SILENCE_MAX_MS);
    if (isSilent && now - this.#polledAt >= POLL_MS) void this.#poll(silentMs);
    if (now - this.#renewedAt >= RENEW_MS) this.#renew();
    if (isSilent || this.#status === null) return;
    if (this.#isLate()) this.#draw();
    else drawChecked(this.#status, { words: this.#words, now: this.#serverNow() });
  }

  #serverNow(): number {
    return Date.now() + this.#aheadMs;
  }

  #isLate(): boolean {
    const measuredAt = this.#status?.metrics.measuredAt ?? null;
    return measuredAt !== null && this.#serverNow() - Date.parse(measuredAt) > CHECK_MAX_MS;
  }

  #draw(): void {
    if (this.#status === null) return;
    const status = this.#isLate() ? withoutChecks(this.#status) : this.#status;
    drawStatus(status, { words: this.#words, zone: this.#zone, now: this.#serverNow() });
  }

  /** Takes back that the page was too old. */
  #hear(): void {
    const wasOld = document.documentElement.className === "old";
    document.dispatchEvent(new Event("statusheard"));
    if (wasOld) this.#renew();
  }

  async #poll(silentMs: number): Promise<void> {
    this.#polledAt = Date.now();
    const answer = await fetch("/status/summary.json", { method: "HEAD", cache: "no-cache" }).catch(() =>
      null
    );
    if (answer?.ok === true) {
      this.#hear();
      const etag = answer.headers.get("etag");
      // What events told is older than what the page says; those that were missed come later.
      if (etag !== this.#etag) await this.#takePage();
      this.#etag = etag;
    } else if (silentMs > SILENCE_MAX_MS) document.dispatchEvent(new Event("statuslost"));
  }

  /** Takes over from the server what no event tells. */
  #renew(): void {
    this.#renewedAt = Date.now();
    clearTimeout(this.#renewTimer);
    this.#renewTimer = setTimeout(async () => {
      await this.#takePage();
      this.#draw();
    }, RENEW_DELAY_MS * (1 + Math.random()));
  }

  async #takePage(): Promise<void> {
    const page = await fetchPage();
    if (page === null) return;
    arrange(page);
    this.#zone.show();
  }
}

/** Whether something moves to where events do not reach: to past incidents, or out of a page about one of them. */
function isBeyondEvents(event: StatusEvent): boolean {
  const isOver = event.type === "incident" &&
    ("deletedAt" in event.incident || !isOpenIncident(event.incident));
  const isWritten = event.type === "incident" || event.type === "maintenance";
  return isOver || isWritten && document.querySelector(".verdict") === null;
}

/** Whether the same components stand in the same places under the same names, beside the same counts. */
function isArrangedAlike(before: Status | null, after: Status | null): boolean {
  return before === null || after === null || arrangementOf(before) === arrangementOf(after);
}

function arrangementOf({ components, metrics: { activity } }: Status): string {
  return JSON.stringify([
    activity,
    components.map(({ id, name, description, note, group }) => [id, name, description, note, group]),
  ]);
}

function withoutChecks(status: Status): Status {
  const components = status.components.map((one) =>
    one.state === "operational" ? { ...one, state: "unknown" as const } : one
  );
  return { ...status, components };
}
