import { callTRPCProcedure, initTRPC, TRPCError } from "@trpc/server";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { runMiddlewares } from "../../../server/rpc/run_middlewares.ts";

interface Context {
  readonly who: string;
}

const t = initTRPC.context<Context>().create();
const lean = t.procedure.experimental_caller(runMiddlewares) as unknown as typeof t.procedure;

/** The same procedures on tRPC's own loop and on ours. */
function routerOn(base: typeof t.procedure) {
  const steps = base
    .use(({ ctx, next }) => next({ ctx: { trail: [ctx.who, "first"] } }))
    .input(v.object({ text: v.string() }))
    .use(async ({ ctx, input, path, type, next }) => {
      const result = await next({ ctx: { trail: [...ctx.trail, input.text, path, type] } });
      return result.ok ? { ...result, data: [result.data, "after"] } : result;
    })
    .input(v.object({ more: v.optional(v.number(), 7) }));
  return t.router({
    echo: steps.mutation(({ ctx, input, signal }) => ({ ctx, input, isAborted: signal?.aborted })),
    fail: steps.query(() => {
      throw new TRPCError({ code: "FORBIDDEN", message: "No" });
    }),
    crash: steps.query(() => Promise.reject(new RangeError("Broken"))),
  });
}

async function outcome(base: typeof t.procedure, path: string, input: unknown): Promise<unknown> {
  try {
    return await callTRPCProcedure({
      router: routerOn(base),
      path,
      getRawInput: () => Promise.resolve(input),
      ctx: { who: "ana" },
      type: path === "echo" ? "mutation" : "query",
      signal: new AbortController().signal,
      batchIndex: 0,
    });
  } catch (error) {
    const { code, message, cause } = error as TRPCError;
    return { code, message, cause: cause?.name };
  }
}

describe("the middlewares of a procedure", () => {
  it("run as tRPC runs them", async () => {
    const calls: [string, unknown][] = [
      ["echo", { text: "Hi" }],
      ["echo", { text: "Hi", more: 1 }],
      ["echo", { text: 1 }],
      ["echo", undefined],
      ["fail", { text: "Hi" }],
      ["crash", { text: "Hi" }],
    ];
    for (const [path, input] of calls) {
      expect(await outcome(lean, path, input)).toEqual(await outcome(t.procedure, path, input));
    }
    expect(await outcome(lean, "echo", { text: "Hi" })).toEqual([{
      ctx: { who: "ana", trail: ["ana", "first", "Hi", "echo", "mutation"] },
      input: { text: "Hi", more: 7 },
      isAborted: false,
    }, "after"]);
  });
});
