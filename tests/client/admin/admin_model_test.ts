import { describe, expect, it, vi } from "vitest";
import type { InviteId, UserId } from "../../../shared/ids.ts";
import type { Role, User } from "../../../shared/user.ts";
import { AdminModel, mayDeactivate, mayReset, rolesToGive } from "../../../client/admin/admin_model.ts";
import type { AdminOptions } from "../../../client/admin/admin_model.ts";
import { daysToMs, describeInvite } from "../../../client/admin/new_invite.ts";
import { describeUserAgent, isPhone } from "../../../client/settings/user_agent.ts";

const ANA = "userana000000001" as UserId;
const BEN = "userben000000001" as UserId;

function user(role: Role, fields: Partial<User> = {}): User {
  return { id: BEN, name: "Ben", role, isBot: false, deactivatedAt: null, ...fields };
}

const as = (role: Role) => ({ id: ANA, role });

function makeApi(users: () => Promise<User[]> = () => Promise.resolve([])): AdminOptions["api"] {
  const done = () => Promise.resolve(null);
  return {
    users: {
      list: { query: async () => ({ items: await users(), cursor: null }) },
      setRole: { mutate: ({ role }) => Promise.resolve(user(role)) },
      deactivate: { mutate: () => Promise.resolve(user("member")) },
      makeResetLink: {
        mutate: () => Promise.resolve({ url: "https://chat.example/reset#x", expiresAt: "" }),
      },
    },
    invites: {
      list: { query: () => Promise.resolve([]) },
      create: {
        mutate: () =>
          Promise.resolve({
            id: "invite0000000001" as InviteId,
            code: "x",
            url: "https://chat.example/join#x",
          }),
      },
      revoke: { mutate: done },
    },
    workspace: {
      get: { query: () => Promise.resolve({ name: "Harbour", membersMayInvite: false }) },
      update: { mutate: () => Promise.resolve({ name: "Harbour", membersMayInvite: false }) },
    },
  };
}

describe("what one may do with others", () => {
  it("lets only an owner make and unmake owners and admins", () => {
    expect(rolesToGive(as("owner"), user("admin"))).toEqual(["owner", "admin", "member", "guest"]);
    expect(rolesToGive(as("admin"), user("member"))).toEqual(["member", "guest"]);
    expect(rolesToGive(as("admin"), user("admin"))).toEqual([]);
    expect(rolesToGive(as("member"), user("guest"))).toEqual([]);
    expect(rolesToGive(as("owner"), user("member", { isBot: true }))).toEqual([]);
  });

  it("offers nothing against oneself, against those above, and for who is gone", () => {
    expect(mayDeactivate(as("owner"), user("owner"))).toBe(true);
    expect(mayDeactivate(as("admin"), user("admin"))).toBe(false);
    expect(mayDeactivate(as("admin"), user("guest"))).toBe(true);
    expect(mayDeactivate(as("owner"), user("owner", { id: ANA }))).toBe(false);
    expect(mayReset(as("admin"), user("admin"))).toBe(true);
    expect(mayReset(as("admin"), user("owner"))).toBe(false);
    expect(mayReset(as("owner"), user("guest"))).toBe(false);
    expect(mayReset(as("owner"), user("member", { deactivatedAt: "2026-01-01T00:00:00.000Z" }))).toBe(false);
  });
});

describe("AdminModel", () => {
  it("tells of a new name for the place and keeps what it knows", async () => {
    const onWorkspaceRenamed = vi.fn();
    const model = new AdminModel({ api: makeApi(), onWorkspaceRenamed, onUsersChanged: () => {} });
    await model.loadWorkspace();
    await model.updateWorkspace({ membersMayInvite: true });
    expect(onWorkspaceRenamed).not.toHaveBeenCalled();
    await model.updateWorkspace({ name: "Pier" });
    expect(onWorkspaceRenamed).toHaveBeenCalledWith("Pier");
    expect(model.workspace.value).toEqual({ name: "Pier", membersMayInvite: true });
  });

  it("lists who is deactivated last, and reads the list again after a change", async () => {
    const gone = user("member", { name: "Aaron", deactivatedAt: "2026-01-01T00:00:00.000Z" });
    const users = vi.fn(() => Promise.resolve([gone, user("member", { name: "Cleo" }), user("guest")]));
    const onUsersChanged = vi.fn();
    const model = new AdminModel({ api: makeApi(users), onWorkspaceRenamed: () => {}, onUsersChanged });
    await model.setRole(BEN, "admin");
    expect(model.users.items.value?.map(({ name }) => name)).toEqual(["Ben", "Cleo", "Aaron"]);
    expect(onUsersChanged).toHaveBeenCalledTimes(1);
  });
});

describe("describeInvite()", () => {
  it("says how many, of what kind and for how long", () => {
    const invite = { role: "member", maxUses: 10, expiresInMs: daysToMs(7) } as const;
    expect(describeInvite(invite)).toBe("Anyone with this link can join: up to 10 members, within 7 days.");
    expect(describeInvite({ role: "guest", maxUses: 1, expiresInMs: daysToMs(1) })).toContain("one guest");
  });
});

describe("describeUserAgent()", () => {
  it("names browser and system in two words", () => {
    const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0";
    const iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 " +
      "(KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1";
    const edge =
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0";
    expect(describeUserAgent(firefox)).toBe("Firefox on Linux");
    expect(describeUserAgent(iphone)).toBe("Safari on iPhone");
    expect(describeUserAgent(edge)).toBe("Edge on Windows");
    expect(describeUserAgent("curl/8.1")).toBe("curl/8.1");
    expect(describeUserAgent("")).toBe("Unknown device");
    expect([isPhone(iphone), isPhone(firefox)]).toEqual([true, false]);
  });
});
