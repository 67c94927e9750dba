import { describe, expect, it } from "vitest";
import { AccountKit, failure, failureCode } from "../../support/account_kit.ts";

describe("workspace", () => {
  it("can be read by everybody and changed by admins", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const ben = await kit.member(owner, "Ben");
    const gus = await kit.guest(owner, "Gus", await kit.room(owner, "Plans"));
    for (const { api } of [owner, ben, gus]) {
      expect(await api.workspace.get()).toEqual({ name: "Parley", membersMayInvite: false });
    }
    for (const { api } of [ben, gus]) {
      expect(await failureCode(api.workspace.update({ name: "Mine" }))).toBe("not_allowed");
    }
    expect(await failureCode(kit.browser().api.workspace.get())).toBe("unauthenticated");
    await Promise.all([
      owner.api.workspace.update({ name: " Tea  House " }),
      owner.api.workspace.update({ membersMayInvite: true }),
    ]);
    expect(await ben.api.workspace.get()).toEqual({ name: "Tea House", membersMayInvite: true });
    expect((await ben.api.auth.me())?.workspaceName).toBe("Tea House");
  });

  it("refuses invisible names and unknown keys", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const error = await failure(owner.api.workspace.update({ name: "\u202e" }));
    expect(error?.issues).toMatchObject([{ path: "name" }]);
    const unknown = { showPresenceOnStatus: true } as never;
    expect(await failureCode(owner.api.workspace.update(unknown))).toBe("invalid_input");
  });
});
