import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openPage, PAGE_PATIENCE_MS, withoutShared } from "../../../client/offline/open_page.ts";

const kept = () => Promise.resolve(new Response("kept"));
const nothing = () => Promise.resolve(null);
const never = () => new Promise<Response>(() => {});
const text = async (answer: Promise<Response>) => await (await answer).text();

describe("a page that is opened", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("comes from the server while that answers, whatever it says", async () => {
    for (const status of [200, 404, 429, 500]) {
      const fetch = () => Promise.resolve(new Response("new", { status }));
      expect([status, await text(openPage({ fetch, kept }))]).toEqual([status, "new"]);
    }
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is the kept one if the server is gone, or only its proxy answers", async () => {
    expect(await text(openPage({ fetch: () => Promise.reject(new TypeError("offline")), kept }))).toBe(
      "kept",
    );
    for (const status of [502, 503, 504]) {
      const fetch = () => Promise.resolve(new Response("proxy", { status }));
      expect([status, await text(openPage({ fetch, kept }))]).toEqual([status, "kept"]);
    }
  });

  it("is the kept one if the server does not answer in time", async () => {
    const answer = text(openPage({ fetch: never, kept }));
    await vi.advanceTimersByTimeAsync(PAGE_PATIENCE_MS);
    expect(await answer).toBe("kept");
  });

  it("waits for the server if none is kept", async () => {
    const late = Promise.withResolvers<Response>();
    const answer = text(openPage({ fetch: () => late.promise, kept: nothing }));
    await vi.advanceTimersByTimeAsync(10 * PAGE_PATIENCE_MS);
    late.resolve(new Response("late"));
    expect(await answer).toBe("late");
    const gone = () => Promise.reject(new TypeError("offline"));
    await expect(openPage({ fetch: gone, kept: nothing })).rejects.toThrow("offline");
  });
});

describe("a shared text", () => {
  it("goes to the fragment, which no server sees", () => {
    const at = (path: string) => withoutShared(new URL(path, "https://chat.example"));
    expect(at("/share?title=A%20b&text=50%25%20%23c&url=https%3A%2F%2Fa.example%2F%3Fd")).toBe(
      "https://chat.example/share#A%20b%0A50%25%20%23c%0Ahttps%3A%2F%2Fa.example%2F%3Fd",
    );
    expect(at("/share")).toBeNull();
    expect(at("/?text=a")).toBeNull();
  });
});
