import { CallError } from "./caller.ts";
import type { Call } from "./caller.ts";
import { readAnswer } from "./http_call.ts";

/** A query that the first view needs. */
export type EarlyCall = Pick<Call, "path" | "input">;

/** Requests that were started before the client was loaded. */
export interface EarlyStart {
  /** Returns the answer of a call that was sent early, once; null if there is none. */
  take(call: EarlyCall): Promise<unknown> | null;
  /** Drops all answers: a mutation may change them, or who may see them. */
  clear(): void;
  /** Returns the socket that was dialed early, once, while it is usable. */
  takeSocket(): WebSocket | null;
}

/** Options of the early start. */
export interface EarlyOptions {
  readonly baseUrl: string;
  readonly calls: readonly EarlyCall[];
  /** False if this tab has found that sockets are blocked. */
  readonly dials: boolean;
}

/** After this time, an unused answer is outdated. */
const KEPT_FOR_MS = 10_000;
const NAME = Symbol.for("parley.early");

/** Sends the first calls in one request and dials, while the browser is fetching the client. */
export function beginEarly({ baseUrl, calls, dials }: EarlyOptions): void {
  const url = `${baseUrl}/trpc`;
  const inputs = JSON.stringify(Object.fromEntries(calls.map(({ input }, index) => [index, input])));
  const paths = calls.map(({ path }) => path).join(",");
  const answers = fetch(`${url}/${paths}?batch=1&input=${encodeURIComponent(inputs)}`, {
    signal: AbortSignal.timeout(KEPT_FOR_MS),
  }).then((response) => response.json() as Promise<unknown>);
  const kept = new Map(calls.map((call, index) => {
    const answer = answers.then((all) => {
      if (!Array.isArray(all)) throw new CallError("The answer was not understood");
      return readAnswer(all[index]);
    });
    // The caller sees the failure, and sends the call again.
    answer.catch(() => {});
    return [nameOf(call), answer] as const;
  }));
  let socket: WebSocket | null = dials ? new WebSocket(url.replace(/^http/, "ws")) : null;
  setTimeout(() => {
    kept.clear();
    socket?.close();
    socket = null;
  }, KEPT_FOR_MS);
  const early: EarlyStart = {
    take: (call) => {
      const answer = kept.get(nameOf(call)) ?? null;
      kept.delete(nameOf(call));
      return answer;
    },
    clear: () => kept.clear(),
    takeSocket: () => {
      const taken = socket;
      socket = null;
      return taken !== null && taken.readyState <= WebSocket.OPEN ? taken : null;
    },
  };
  replaceEarlyStart(early);
}

/** Returns the early start of the page, or an empty one. */
export function earlyStart(): EarlyStart {
  return Reflect.get(globalThis, NAME) as EarlyStart | undefined ??
    { take: () => null, clear: () => {}, takeSocket: () => null };
}

/** Sets the early start of the page; the early script is a separate file, so it is found through a property. */
export function replaceEarlyStart(early: EarlyStart): void {
  Reflect.set(globalThis, NAME, early);
}

function nameOf({ path, input }: EarlyCall): string {
  return `${path} ${JSON.stringify(input)}`;
}
