import { CallError } from "./caller.ts";
import type { Call } from "./caller.ts";
import { readAnswer } from "./http_call.ts";

/** A query whose answer the first view will want. */
export type EarlyCall = Pick<Call, "path" | "input">;

/** What was begun before the client was there. */
export interface EarlyStart {
  /** Gives the answer of a call that was sent early, once; null when it was not. */
  take(call: EarlyCall): Promise<unknown> | null;
  /** Forgets all answers: who acts may change what they say, or who hears them. */
  clear(): void;
  /** Gives the socket that was dialed early, once, while it may still be of use. */
  takeSocket(): WebSocket | null;
}

/** How an early start is made. */
export interface EarlyOptions {
  readonly baseUrl: string;
  readonly calls: readonly EarlyCall[];
  /** False where this tab has found that sockets are blocked. */
  readonly dials: boolean;
}

/** What nobody has asked for by then is out of date. */
const KEPT_FOR_MS = 10_000;
const NAME = Symbol.for("parley.early");

/** Sends the first calls in one request and dials, while the browser still fetches the client. */
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
    // Whoever asks sees it fail, and asks again.
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
  // The script that begins stands alone, so that it is there first: this is where both find each other.
  Reflect.set(globalThis, NAME, early);
}

/** Gives what the page has begun; on pages that begin nothing, something empty. */
export function earlyStart(): EarlyStart {
  return Reflect.get(globalThis, NAME) as EarlyStart | undefined ??
    { take: () => null, clear: () => {}, takeSocket: () => null };
}

function nameOf({ path, input }: EarlyCall): string {
  return `${path} ${JSON.stringify(input)}`;
}
