import type { StatusEvent } from "../../shared/status/apply_change.ts";
import { SILENCE_MAX_MS } from "../../shared/status/heartbeat.ts";

/** A stream that the browser has given up is opened again after this time, and up to half of it more. */
const REOPEN_MS = 20_000;
/** A hidden page gives its connection back: browsers have six for a server. */
const HIDDEN_MAX_MS = 60_000;

const NAMES = ["snapshot", "component", "incident", "maintenance", "announcement", "metrics"] as const;

/** Options of `followPublicEvents`. */
export interface PublicEventsOptions {
  readonly url: string;
  readonly onEvent: (event: StatusEvent) => void;
  readonly page: Pick<Document, "visibilityState" | "addEventListener" | "removeEventListener">;
  readonly EventSource?: typeof EventSource;
  readonly random?: () => number;
}

/** Follows the public status without an account until the returned function is called. */
export function followPublicEvents(options: PublicEventsOptions): () => void {
  const { page } = options;
  const stream = new PublicEvents(options);
  const look = () => stream.setHidden(page.visibilityState === "hidden");
  page.addEventListener("visibilitychange", look);
  stream.open();
  look();
  return () => {
    page.removeEventListener("visibilitychange", look);
    stream.close();
  };
}

class PublicEvents {
  readonly #options: PublicEventsOptions;
  readonly #EventSource: typeof EventSource;
  #source: EventSource | null = null;
  #lastId = "";
  #timer: ReturnType<typeof setTimeout> | undefined;
  #hiddenTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: PublicEventsOptions) {
    this.#options = options;
    this.#EventSource = options.EventSource ?? globalThis.EventSource;
  }

  open(): void {
    this.#stop();
    const url = new URL(this.#options.url);
    if (this.#lastId !== "") url.searchParams.set("since", this.#lastId);
    const source = new this.#EventSource(url.href);
    this.#source = source;
    for (const name of NAMES) source.addEventListener(name, (event) => this.#take(name, event));
    source.addEventListener("error", () => {
      // Otherwise the browser itself dials again.
      if (source.readyState === this.#EventSource.CLOSED) this.#reopenIn(this.#reopenMs());
    });
    this.#reopenIn(SILENCE_MAX_MS);
  }

  setHidden(isHidden: boolean): void {
    clearTimeout(this.#hiddenTimer);
    if (isHidden) this.#hiddenTimer = setTimeout(() => this.#stop(), HIDDEN_MAX_MS);
    else if (this.#source === null) this.open();
  }

  close(): void {
    clearTimeout(this.#hiddenTimer);
    this.#stop();
  }

  #take(name: typeof NAMES[number], { data, lastEventId }: MessageEvent<string>): void {
    this.#lastId = lastEventId;
    this.#reopenIn(SILENCE_MAX_MS);
    const value: unknown = JSON.parse(data);
    this.#options.onEvent({ type: name, [name === "snapshot" ? "status" : name]: value } as StatusEvent);
  }

  #reopenMs(): number {
    return REOPEN_MS * (1 + (this.#options.random ?? Math.random)() / 2);
  }

  #reopenIn(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.open(), ms);
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }
}
