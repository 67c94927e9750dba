import { getTRPCErrorFromUnknown } from "@trpc/server";
import type { TRPCError } from "@trpc/server";
import { withoutStack } from "./without_stack.ts";

type Result =
  | { readonly ok: true; readonly data: unknown }
  | { readonly ok: false; readonly error: TRPCError };

/** What the middlewares of one call see. */
interface Call {
  readonly ctx: object;
  readonly input?: unknown;
  readonly getRawInput: () => Promise<unknown>;
  readonly path: string;
  readonly type: string;
  readonly signal: AbortSignal | undefined;
  readonly batchIndex: number;
}

type Changes = Partial<Pick<Call, "ctx" | "input" | "getRawInput">>;

type Middleware = (
  call: Call & { readonly meta: unknown; readonly next: (changes?: Changes) => Promise<Result> },
) => Promise<Result>;

/**
 * Runs the middlewares of a procedure as tRPC does, for `experimental_caller`. tRPC's own loop copies the call about
 * 20 times by reflection, which made up a tenth of the main thread's time for a send.
 */
export async function runMiddlewares(
  { args, _def }: { readonly args: unknown[]; readonly _def: object },
): Promise<unknown> {
  const { middlewares, meta } = _def as {
    readonly middlewares: readonly Middleware[];
    readonly meta: unknown;
  };

  const run = async (index: number, call: Call): Promise<Result> => {
    try {
      const middleware = middlewares[index];
      if (middleware === undefined) throw new TypeError("The last middleware has no next");
      const next = (changes: Changes = {}) => {
        const ctx = changes.ctx === undefined ? call.ctx : { ...call.ctx, ...changes.ctx };
        const input = "input" in changes ? changes.input : call.input;
        return run(index + 1, { ...call, ctx, input, getRawInput: changes.getRawInput ?? call.getRawInput });
      };
      return await middleware({ ...call, meta, next });
    } catch (cause) {
      // It takes over the stack of its cause.
      return { ok: false, error: withoutStack(() => getTRPCErrorFromUnknown(cause)) };
    }
  };

  const result = await run(0, args[0] as Call);
  if (!result.ok) throw result.error;
  return result.data;
}
