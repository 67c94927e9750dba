import { PROBE_TIMEOUT_MS } from "./probe.ts";
import type { Probe, ProbeFinding } from "./probe.ts";
import { PublicDial } from "./public_dial.ts";
import type { PublicDialOptions } from "./public_dial.ts";

/** Long enough for a handshake across the world, and time is left for our own port. */
const ATTEMPT_MS = PROBE_TIMEOUT_MS / 2;
const SNAPSHOT_LINE = "event: snapshot\n";
const BEFORE_SNAPSHOT_MAX_CHARACTERS = 1_000;
/** Any call that needs no session. */
const QUESTION = JSON.stringify({ id: 1, method: "query", params: { path: "auth.me" } });

/** Opens a WebSocket as apps do, and waits for the answer to a call. */
export class LiveProbe implements Probe {
  readonly id = "live";
  readonly #dial: PublicDial;

  constructor(options: PublicDialOptions) {
    this.#dial = new PublicDial(options);
  }

  run(signal: AbortSignal): Promise<ProbeFinding> {
    return this.#dial.run(ask, signal, ATTEMPT_MS);
  }
}

/** Opens the event stream of the status page, and waits until it says how things stand. */
export class EventsProbe implements Probe {
  readonly id = "events";
  readonly #dial: PublicDial;

  constructor(options: PublicDialOptions) {
    this.#dial = new PublicDial(options);
  }

  run(signal: AbortSignal): Promise<ProbeFinding> {
    return this.#dial.run(readEvents, signal, ATTEMPT_MS);
  }
}

/** Asks other instances whether they are alive; without one of them, some people are cut off. */
export class PeersProbe implements Probe {
  readonly id = "instances";
  readonly #urls: readonly string[];

  constructor(urls: readonly string[]) {
    this.#urls = urls;
  }

  async run(signal: AbortSignal): Promise<ProbeFinding> {
    const asked = await Promise.allSettled(this.#urls.map((url) => ask200(`${url}/healthz`, signal)));
    const silent = this.#urls.filter((_, index) => asked[index]?.status !== "fulfilled");
    if (silent.length === 0) return {};
    return { state: "partial_outage", reason: `No answer from ${silent.join(", ")}` };
  }
}

async function ask(origin: string, signal: AbortSignal): Promise<void> {
  const socket = new WebSocket(`${origin.replace(/^http/, "ws")}/trpc`);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort);
  socket.onopen = () => socket.send(QUESTION);
  socket.onmessage = ({ data }) => {
    // Others are greetings of the connection itself.
    if (typeof data === "string" && data.includes('"result"')) resolve();
  };
  socket.onerror = () => reject(new Error("The WebSocket failed"));
  socket.onclose = () => {
    reject(new Error("The WebSocket was closed before the answer"));
    closed.resolve();
  };
  try {
    await promise;
  } finally {
    signal.removeEventListener("abort", abort);
    socket.close();
  }
  await closed.promise;
}

async function readEvents(origin: string, signal: AbortSignal): Promise<void> {
  const aborter = new AbortController();
  const response = await fetch(`${origin}/status/events`, {
    signal: AbortSignal.any([signal, aborter.signal]),
    redirect: "error",
  });
  try {
    const isStream = response.headers.get("content-type") === "text/event-stream";
    if (!response.ok || !isStream) throw new Error(`Got ${response.status} instead of events`);
    await waitForSnapshot(response.body);
  } finally {
    aborter.abort();
  }
}

/** The first bytes are sent before anything is read: only a snapshot shows that the stream works. */
async function waitForSnapshot(body: ReadableStream<Uint8Array<ArrayBuffer>> | null): Promise<void> {
  let text = "";
  for await (const part of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += part;
    if (text.includes(SNAPSHOT_LINE)) return;
    if (text.length > BEFORE_SNAPSHOT_MAX_CHARACTERS) break;
  }
  throw new Error("The stream of events gave no snapshot");
}

async function ask200(url: string, signal: AbortSignal): Promise<void> {
  const response = await fetch(url, { signal, redirect: "error" });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`Got ${response.status}`);
}
