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
export function followPublicEvents(
  { url, onEvent, page, EventSource = globalThis.EventSource, random = Math.random }: PublicEventsOptions,
): () => void {
  let source: EventSource | null = null;
  let lastId = "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  let hiddenTimer: ReturnType<typeof setTimeout> | undefined;
  const stop = () => {
    clearTimeout(timer);
    source?.close();
    source = null;
  };
  const reopenIn = (ms: number) => {
    clearTimeout(timer);
    timer = setTimeout(open, ms);
  };
  const open = () => {
    stop();
    const address = new URL(url);
    if (lastId !== "") address.searchParams.set("since", lastId);
    const opened = new EventSource(address.href);
    source = opened;
    for (const name of NAMES) {
      opened.addEventListener(name, (event: MessageEvent<string>) => {
        lastId = event.lastEventId;
        reopenIn(SILENCE_MAX_MS);
        const value: unknown = JSON.parse(event.data);
        onEvent({ type: name, [name === "snapshot" ? "status" : name]: value } as StatusEvent);
      });
    }
    opened.addEventListener("error", () => {
      // Otherwise the browser itself dials again.
      if (opened.readyState === EventSource.CLOSED) reopenIn(REOPEN_MS * (1 + random() / 2));
    });
    reopenIn(SILENCE_MAX_MS);
  };
  const look = () => {
    clearTimeout(hiddenTimer);
    if (page.visibilityState === "hidden") hiddenTimer = setTimeout(stop, HIDDEN_MAX_MS);
    else if (source === null) open();
  };
  page.addEventListener("visibilitychange", look);
  open();
  look();
  return () => {
    page.removeEventListener("visibilitychange", look);
    clearTimeout(hiddenTimer);
    stop();
  };
}
