import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { withEarly } from "../../../client/net/early_caller.ts";
import { beginEarly, earlyStart } from "../../../client/net/early_start.ts";
import type { Call } from "../../../client/net/caller.ts";

/** What was asked anew, over a page that has asked for the rooms before. */
function pageOf(answers: readonly unknown[]) {
  const fetchBefore = globalThis.fetch;
  globalThis.fetch = () => Promise.resolve(Response.json(answers));
  const asked: string[] = [];
  try {
    beginEarly({
      baseUrl: "http://127.0.0.1",
      calls: [{ path: "auth.me", input: undefined }, { path: "rooms.list", input: undefined }],
      dials: false,
    });
  } finally {
    globalThis.fetch = fetchBefore;
  }
  const caller = withEarly({
    request: ({ path }) => {
      asked.push(path);
      return Promise.resolve(`anew ${path}`);
    },
    subscribe: () => ({ unsubscribe: () => {} }),
  }, earlyStart());
  const ask = (type: Call["type"], path: string) => caller.request({ type, path, input: undefined });
  return { ask, asked };
}

const ANSWERS = [{ result: { data: "Ana" } }, { error: { message: "no", data: {} } }];

describe("what the page asked for early", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("answers a call once, and what failed is asked again", async () => {
    const { ask, asked } = pageOf(ANSWERS);
    expect(await ask("query", "auth.me")).toBe("Ana");
    expect(await ask("query", "auth.me")).toBe("anew auth.me");
    expect(await ask("query", "rooms.list")).toBe("anew rooms.list");
    expect(asked).toEqual(["auth.me", "rooms.list"]);
  });

  it("is given to nobody once somebody has acted: the next to sign in is another person", async () => {
    const { ask } = pageOf(ANSWERS);
    await ask("mutation", "auth.signOut");
    expect(await ask("query", "auth.me")).toBe("anew auth.me");
  });
});
