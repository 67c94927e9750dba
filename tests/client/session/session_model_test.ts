import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AppError, CLOSE_CODES } from "../../../shared/errors.ts";
import type { SessionId } from "../../../shared/ids.ts";
import type { Me } from "../../../shared/user.ts";
import { findPasswordProblem } from "../../../client/session/password.ts";
import { RECALL_AFTER_MS, SessionModel } from "../../../client/session/session_model.ts";
import { makeApi, ME } from "./session_kit.ts";

describe("SessionModel", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("finds who is signed in, or that nobody is", async () => {
    using found = new SessionModel({ api: makeApi() });
    await found.load();
    expect(found.state.value).toEqual({ type: "signed_in", me: ME, isFresh: false, isNewOwner: false });
    using nobody = new SessionModel({ api: makeApi({ me: () => Promise.resolve(null) }) });
    await nobody.load();
    expect(nobody.state.value).toEqual({ type: "signed_out", reason: "none" });
  });

  it("takes a dead cookie for signed out", async () => {
    const api = makeApi({ me: () => Promise.reject(new AppError("unauthenticated", "Sign in first")) });
    using model = new SessionModel({ api });
    await model.load();
    expect(model.state.value).toEqual({ type: "signed_out", reason: "none" });
  });

  it("asks again by itself while the server does not answer", async () => {
    const answers = [() => Promise.reject(new Error("fetch failed")), () => Promise.resolve(ME)];
    using model = new SessionModel({
      api: makeApi({ me: () => answers.shift()?.() ?? Promise.resolve(ME) }),
    });
    await model.load();
    expect(model.state.value).toMatchObject({ type: "unreachable", failure: { code: "offline" } });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(model.me.value).toEqual(ME);
  });

  it("goes on with what is stored while the server does not answer, and asks again", async () => {
    const other = { ...ME, sessionId: "session000000002" as SessionId };
    const answers = [() => Promise.reject(new Error("fetch failed")), () => Promise.resolve(other)];
    const recall = vi.fn(() => Promise.resolve({ me: ME, asOf: "09:12" }));
    using model = new SessionModel({
      api: makeApi({ me: () => answers.shift()?.() ?? Promise.resolve(null) }),
      recall,
    });
    await model.load();
    expect([model.me.value, model.asOf.value, recall.mock.calls]).toEqual([ME, "09:12", [[]]]);
    await vi.advanceTimersByTimeAsync(5_000);
    expect([model.me.value, model.asOf.value]).toEqual([other, null]);
    await model.load();
    expect(model.state.value).toEqual({ type: "signed_out", reason: "none" });
    expect(recall).toHaveBeenCalledTimes(1);
  });

  it("shows what is stored when the answer is late, and says if the session has ended since", async () => {
    const { promise, resolve } = Promise.withResolvers<Me | null>();
    const recall = vi.fn(() => Promise.resolve({ me: ME, asOf: "09:12" }));
    using model = new SessionModel({ api: makeApi({ me: () => promise }), recall });
    const loading = model.load();
    await vi.advanceTimersByTimeAsync(RECALL_AFTER_MS - 1);
    expect(model.state.value).toEqual({ type: "loading" });
    await vi.advanceTimersByTimeAsync(1);
    expect([model.me.value, model.asOf.value, recall.mock.calls]).toEqual([ME, "09:12", [[]]]);
    resolve(null);
    await loading;
    expect([model.state.value, model.asOf.value]).toEqual([
      { type: "signed_out", reason: "session_ended" },
      null,
    ]);
  });

  it("gives up a request that gets no answer at all", async () => {
    const timeout = vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => {
      const abort = new AbortController();
      setTimeout(() => abort.abort(), ms);
      return abort.signal;
    });
    const query = vi.fn((_input: void, { signal }: { signal?: AbortSignal } = {}) =>
      new Promise<Me>((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)))
    );
    using model = new SessionModel({ api: makeApi({ me: query }) });
    void model.load();
    await vi.advanceTimersByTimeAsync(8_000);
    expect(model.state.value).toMatchObject({ type: "unreachable", failure: { code: "offline" } });
    query.mockImplementation(() => Promise.resolve(ME));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(model.me.value).toEqual(ME);
    timeout.mockRestore();
  });

  it("reads nothing that is stored if the server answers at once", async () => {
    const recall = vi.fn(() => Promise.resolve(null));
    using model = new SessionModel({ api: makeApi(), recall });
    await model.load();
    await vi.advanceTimersByTimeAsync(RECALL_AFTER_MS);
    expect(recall).not.toHaveBeenCalled();
  });

  it("waits as long as the server asks for", async () => {
    const me = vi.fn(() => Promise.reject(new AppError("draining", "Restarts", { retryAfterMs: 20_000 })));
    using model = new SessionModel({ api: makeApi({ me }) });
    await model.load();
    await vi.advanceTimersByTimeAsync(19_000);
    expect(me).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(me).toHaveBeenCalledTimes(2);
  });

  it("says why a session ended, and nothing when nobody was signed in", async () => {
    using model = new SessionModel({ api: makeApi() });
    model.ended(CLOSE_CODES.sessionEnded);
    expect(model.state.value.type).toBe("loading");
    await model.load();
    model.ended(CLOSE_CODES.accountDeactivated);
    expect(model.state.value).toEqual({ type: "signed_out", reason: "deactivated" });
    await model.load();
    model.ended(CLOSE_CODES.sessionEnded);
    expect(model.state.value).toEqual({ type: "signed_out", reason: "session_ended" });
  });

  it("keeps the person in when signing out did not reach the server", async () => {
    using model = new SessionModel({
      api: makeApi({ signOut: () => Promise.reject(new Error("fetch failed")) }),
    });
    await model.load();
    await expect(model.signOut()).rejects.toThrow();
    expect(model.me.value).toEqual(ME);
  });

  it("takes in a new name", async () => {
    using model = new SessionModel({ api: makeApi() });
    await model.load();
    model.update({ name: "Anaïs" });
    expect(model.me.value?.name).toBe("Anaïs");
  });
});

describe("findPasswordProblem()", () => {
  it("counts characters as people see them, by role", () => {
    expect(findPasswordProblem("", "member")).toBe("Choose a password of at least 8 characters");
    expect(findPasswordProblem("1234567", "member")).toBe("At least 8 characters: 1 more needed");
    expect(findPasswordProblem("12345678", "member")).toBe(null);
    expect(findPasswordProblem("12345678", "owner")).toBe("At least 12 characters: 4 more needed");
    expect(findPasswordProblem("😀😀😀😀😀😀😀😀", "member")).toBe(null);
  });
});
