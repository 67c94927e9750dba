import { describe, expect, it, vi } from "vitest";
import { AppError } from "../../../shared/errors.ts";
import type { Inputs } from "../../../client/net/trpc.ts";
import { SessionModel } from "../../../client/session/session_model.ts";
import { setup, signIn } from "../../../client/session/sign_in.ts";
import { makeApi, ME } from "./session_kit.ts";

describe("ways to sign in", () => {
  it("makes the first owner, with the place's name only when one was typed", async () => {
    const mutate = vi.fn((_input: Inputs["auth"]["setup"]) => Promise.resolve(ME));
    using model = new SessionModel({ api: makeApi({ setup: mutate }) });
    await setup(model, { token: "t", name: "Ana", password: "a long password", workspaceName: "  " });
    expect(mutate.mock.calls[0]?.[0]).toEqual({ token: "t", name: "Ana", password: "a long password" });
    expect(model.state.value).toMatchObject({ type: "signed_in", isFresh: true, isNewOwner: true });
    await setup(model, { token: "t", name: "Ana", password: "a long password", workspaceName: " Harbour " });
    expect(mutate.mock.calls[1]?.[0]).toMatchObject({ workspaceName: "Harbour" });
  });

  it("stays signed out when a way in is refused", async () => {
    const refused = () => Promise.reject(new AppError("bad_credentials", "No"));
    const api = makeApi({ me: () => Promise.resolve(null), signIn: refused });
    using model = new SessionModel({ api });
    await model.load();
    await expect(signIn(model, "ana", "wrong")).rejects.toThrow("No");
    expect(model.state.value).toEqual({ type: "signed_out", reason: "none" });
  });
});
