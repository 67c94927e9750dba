/** One call. */
export interface Call {
  readonly type: "query" | "mutation" | "subscription";
  /** For example `rooms.list`. */
  readonly path: string;
  readonly input: unknown;
  readonly signal?: AbortSignal;
}

/** Callbacks of a subscription. */
export interface Handlers<Item = unknown> {
  /** `id` is the position of a tracked item. */
  readonly onData?: (item: Item, id?: string) => void;
  readonly onError?: (error: unknown) => void;
  /** The server has completed the subscription. */
  readonly onComplete?: () => void;
}

/** Sends calls. */
export interface Caller {
  /** A query or a mutation. */
  request(call: Call): Promise<unknown>;
  subscribe(call: Call, handlers: Handlers): { unsubscribe(): void };
}

/** A call that failed; `data` is from the server's answer, if there was one. */
export class CallError extends Error {
  readonly data: unknown;

  constructor(message: string, data?: unknown) {
    super(message);
    this.name = "CallError";
    this.data = data;
  }
}

/**
 * Gives a caller the shape of the router, `trpc.rooms.list.query()`. The proxy of the stock client comes with all its
 * links, and the sign-in page needs none of them.
 */
export function shapeCaller<Shape>(caller: Caller): Shape {
  return branch(caller, []) as Shape;
}

function branch(caller: Caller, path: readonly string[]): unknown {
  return new Proxy(() => {}, {
    // The proxy must not look like a promise to `await`.
    get: (_, name) =>
      typeof name === "string" && name !== "then" ? branch(caller, [...path, name]) : undefined,
    apply: (_, __, [input, options]: [unknown, unknown]) => {
      const verb = path.at(-1);
      const name = path.slice(0, -1).join(".");
      if (verb === "subscribe") {
        return caller.subscribe({ type: "subscription", path: name, input }, options as Handlers);
      }
      const { signal } = (options ?? {}) as { readonly signal?: AbortSignal };
      const type = verb === "query" ? verb : "mutation";
      return caller.request({ type, path: name, input, ...signal === undefined ? {} : { signal } });
    },
  });
}
