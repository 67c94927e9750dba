import { applyChange, withVerdict } from "../../../shared/status/apply_change.ts";
import type { StatusEvent } from "../../../shared/status/apply_change.ts";
import { METRICS_INTERVAL_MS, SILENCE_MAX_MS } from "../../../shared/status/heartbeat.ts";
import type { LiveWords } from "../../../shared/status/live_words.ts";
import { PROBE_VALID_MS } from "../../../shared/status/probe_track.ts";
import { isOpenIncident } from "../../../shared/status/states.ts";
import type { Status } from "../../../shared/status/status.ts";
import { fetchPage } from "./fetch_page.ts";
import { arrange, drawStatus, drawVerdict } from "./status_view.ts";
import { LiveRegions } from "./live_regions.ts";
import { Zone } from "./zone.ts";

/** How long the first event may take. Some proxies hold events back; then the page asks. */
const FIRST_EVENT_MS = 10_000;
const POLL_MS = 30_000;
/** Before it is given up, the server is asked: events may be held back from now on. */
const DOUBT_MS = 2 * METRICS_INTERVAL_MS;
const ANSWER_MAX_MS = 10_000;
/** Several events together ask once, and not everybody at the same moment. */
const RENEW_DELAY_MS = 500;
/** Days that are over, and figures of the day, are told by no event. */
const RENEW_MS = 3_600_000;
/** Checks that are older show nothing, though the events that would say so may not come. */
const CHECK_MAX_MS = PROBE_VALID_MS + 30_000;

/** Keeps an open page up to date, by events or else by asking. */
export class LivePage {
  readonly #words: LiveWords;
  readonly #zone: Zone;
  readonly #liveRegions: LiveRegions;
  #status: Status | null = null;
  /** How far the server's clock is ahead. */
  #aheadMs = 0;
  /** When the last event came; null before the first. */
  #eventAt: number | null = null;
  /** When the server gave its last sign of life. */
  #heardAt = Date.now();
  /** When the page was last hidden: it hears nothing then. */
  #hiddenAt = 0;
  #polledAt = 0;
  #renewedAt = Date.now();
  #etag: string | null = null;
  #renewTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(words: LiveWords) {
    this.#words = words;
    this.#zone = new Zone(words);
    this.#liveRegions = new LiveRegions(words);
    this.#zone.show();
  }

  /** Applies an event of the public stream. */
  apply(event: StatusEvent): void {
    this.#eventAt = Date.now();
    if (event.type === "snapshot") this.#aheadMs = Date.parse(event.status.page.asOf) - Date.now();
    const before = this.#status;
    this.#status = applyChange(before, event, this.#words);
    this.#hear();
    this.#draw();
    if (this.#status !== null) this.#liveRegions.update(this.#status);
    if (isBeyondEvents(event) || !isArrangedAlike(before, this.#status)) this.#renew();
  }

  /** Looks at the time; call it every second. */
  tick(): void {
    const now = Date.now();
    if (document.hidden) return void (this.#hiddenAt = now);
    const silentMs = now - this.#heardAt;
    const isDoubtful = silentMs > (this.#eventAt === null ? FIRST_EVENT_MS : DOUBT_MS);
    if (isDoubtful && now - this.#polledAt >= POLL_MS) void this.#poll();
    const isLost = silentMs > SILENCE_MAX_MS && now - this.#hiddenAt > ANSWER_MAX_MS;
    if (isLost) announce("statuslost");
    if (now - this.#renewedAt >= RENEW_MS) this.#renew();
    // What events told is older than what the page says then.
    if (this.#status === null || now - (this.#eventAt ?? 0) > SILENCE_MAX_MS) return;
    if (this.#isLate()) this.#draw();
    else drawVerdict(this.#status, { words: this.#words, now: this.#serverNow() });
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
    const status = this.#isLate() ? withVerdict(withoutChecks(this.#status), this.#words) : this.#status;
    drawStatus(status, { words: this.#words, zone: this.#zone, now: this.#serverNow() });
  }

  /** Takes back that the page was too old. */
  #hear(): void {
    this.#heardAt = Date.now();
    const wasOld = document.documentElement.className === "old";
    announce("statusheard");
    if (!wasOld) return;
    this.#liveRegions.mustRepeat = true;
    this.#renew();
  }

  async #poll(): Promise<void> {
    this.#polledAt = Date.now();
    const signal = AbortSignal.timeout(ANSWER_MAX_MS);
    const answer = await fetch("/status/summary.json", { method: "HEAD", cache: "no-cache", signal })
      .catch(() => null);
    if (!answer?.ok) return;
    this.#hear();
    const etag = answer.headers.get("etag");
    // Events that were missed come later.
    if (etag !== this.#etag) await this.#takePage();
    this.#etag = etag;
  }

  /** Takes over from the server what no event tells. */
  #renew(): void {
    this.#renewedAt = Date.now();
    clearTimeout(this.#renewTimer);
    this.#renewTimer = setTimeout(async () => {
      await this.#takePage();
      this.#draw();
    }, RENEW_DELAY_MS * (1 + 3 * Math.random()));
  }

  async #takePage(): Promise<void> {
    const page = await fetchPage();
    if (page === null) return;
    arrange(page);
    this.#zone.show();
  }
}

/** Tells the script of all pages. */
function announce(type: string): void {
  document.dispatchEvent(new Event(type));
}

/** Whether something moves to where events do not reach: to past incidents, or out of a page about one of them. */
function isBeyondEvents(event: StatusEvent): boolean {
  const isOver = event.type === "incident" &&
    ("deletedAt" in event.incident || !isOpenIncident(event.incident));
  const isWritten = event.type === "incident" || event.type === "maintenance";
  return isOver || isWritten && document.querySelector(".verdict") === null;
}

/** Whether components are, and stand, as before: days and figures beside them are drawn by the server. */
function isArrangedAlike(before: Status | null, after: Status | null): boolean {
  return before === null || arrangementOf(before) === arrangementOf(after);
}

function arrangementOf(status: Status | null): string {
  return JSON.stringify([
    status?.metrics.activity,
    status?.components.map(({ measuredAt: _, uptime90: __, ...shown }) => shown),
  ]);
}

function withoutChecks(status: Status): Status {
  const components = status.components.map((one) =>
    one.state === "operational" ? { ...one, state: "unknown" as const } : one
  );
  return { ...status, components, metrics: { ...status.metrics, deliveredMs: null } };
}
