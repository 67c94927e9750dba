import type { Operation, OperationLink } from "@trpc/client";
import type { AppRouter } from "../../server/router.ts";
import type { Call, Caller } from "./caller.ts";

/** Sends calls through a tRPC link that needs none after it. */
export function linkCaller(link: OperationLink<AppRouter>): Caller {
  let callCount = 0;
  const run = (call: Call) => {
    const op: Operation = { ...call, id: ++callCount, context: {}, signal: call.signal ?? null };
    return link({ op, next: unreachable });
  };
  return {
    request: (call) => {
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      const { signal } = call;
      if (signal?.aborted) return Promise.reject(signal.reason);
      const subscription = run(call).subscribe({
        next: ({ result }) => {
          if (result.type === "data" || result.type === undefined) resolve(result.data);
        },
        error: reject,
      });
      const abort = () => reject(signal?.reason);
      signal?.addEventListener("abort", abort);
      const end = () => {
        signal?.removeEventListener("abort", abort);
        subscription.unsubscribe();
      };
      promise.then(end, end);
      return promise;
    },
    subscribe: (call, handlers) =>
      run(call).subscribe({
        next: ({ result }) => {
          if (result.type !== "data" && result.type !== undefined) return;
          handlers.onData?.(result.data, "id" in result ? result.id : undefined);
        },
        complete: () => handlers.onComplete?.(),
        error: (error) => handlers.onError?.(error),
      }),
  };
}

/** What would come after such a link. */
export function unreachable(): never {
  throw new Error("A terminating link has nothing after it");
}
