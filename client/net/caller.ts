/** One call as it leaves the client. */
export interface Call {
  readonly type: "query" | "mutation" | "subscription";
  /** Such as `rooms.list`. */
  readonly path: string;
  readonly input: unknown;
  readonly signal?: AbortSignal;
}

/** What a subscriber is told. */
export interface Handlers<Item = unknown> {
  /** `id` is the position of a tracked item. */
  readonly onData?: (item: Item, id?: string) => void;
  readonly onError?: (error: unknown) => void;
  /** The server ended it in peace. */
  readonly onComplete?: () => void;
}

/** What carries calls out. */
export interface Caller {
  /** A query or a mutation. */
  request(call: Call): Promise<unknown>;
  subscribe(call: Call, handlers: Handlers): { unsubscribe(): void };
}

/** A call that got no good answer; `data` is what the server said of it, if it said something. */
export class CallError extends Error {
  readonly data: unknown;

  constructor(message: string, data?: unknown) {
    super(message);
    this.name = "CallError";
    this.data = data;
  }
}

/**
 * Gives a caller the shape of the router, `trpc.rooms.list.query()`. The stock client's own proxy comes with
 * every link there is, streams over HTTP included, and a page that shows a sign-in form needs none of them.
 */
export function shapeCaller<Shape>(caller: Caller): Shape {
  return branch(caller, []) as Shape;
}

function branch(caller: Caller, path: readonly string[]): unknown {
  return new Proxy(() => {}, {
    // Nothing here is a promise, and whoever awaits it must not be told so.
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
