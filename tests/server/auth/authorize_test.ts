import { describe, expect, it } from "vitest";
import { authorize, isAllowed } from "../../../server/auth/authorize.ts";
import type { RoomObject } from "../../../server/auth/authorize.ts";
import { AppError } from "../../../shared/errors.ts";
import { newId } from "../../../shared/ids.ts";
import type { UserId } from "../../../shared/ids.ts";
import type { RoomKind, RoomRole } from "../../../shared/room.ts";
import type { Role } from "../../../shared/user.ts";

const ROLES = ["owner", "admin", "member", "guest"] as const;
const ME = newId<UserId>();
const OTHER = newId<UserId>();

function verdict(check: () => void): string {
  try {
    check();
    return "allowed";
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return error.appCode;
  }
}

function actor(role: Role, isBot = false) {
  return { userId: ME, role, isBot };
}

/** The letters used in the table of allowed actions. */
const DEEDS = {
  r: ["room.read"],
  j: ["room.join"],
  l: ["room.leave"],
  s: ["room.send", "room.markRead", "room.setLevel", "message.react"],
  m: ["room.update", "room.archive", "room.addMember", "room.removeMember", "room.setMemberRole"],
} as const;

/** Room kind, membership, and what each role may do; `-` is NOT_FOUND for everything. */
const ROOMS: readonly (readonly [RoomKind, RoomRole | null, Record<Role, string>])[] = [
  ["public", "moderator", { owner: "rjlsmedD", admin: "rjlsmedD", member: "rjlsmedD", guest: "rjlsmedD" }],
  ["public", "member", { owner: "rjlsmedD", admin: "rjlsmedD", member: "rjlsed", guest: "rjlsed" }],
  ["public", null, { owner: "rjlmdD", admin: "rjlmdD", member: "rjl", guest: "-" }],
  ["private", "moderator", { owner: "rjlsmedD", admin: "rjlsmedD", member: "rjlsmedD", guest: "rjlsmedD" }],
  ["private", "member", { owner: "rjlsmedD", admin: "rjlsmedD", member: "rjlsed", guest: "rjlsed" }],
  ["private", null, { owner: "-", admin: "-", member: "-", guest: "-" }],
  ["direct", "moderator", { owner: "rjsed", admin: "rjsed", member: "rjsed", guest: "rjsed" }],
  ["direct", "member", { owner: "rjsed", admin: "rjsed", member: "rjsed", guest: "rjsed" }],
  ["direct", null, { owner: "-", admin: "-", member: "-", guest: "-" }],
];

describe("authorize in rooms", () => {
  for (const [kind, membership, cells] of ROOMS) {
    for (const role of ROLES) {
      const allowed = cells[role];
      const expected = (letter: string) =>
        allowed === "-" ? "not_found" : allowed.includes(letter) ? "allowed" : "not_allowed";
      it(`${role} in a ${kind} room as ${membership ?? "nobody"}: ${allowed}`, () => {
        const room: RoomObject = { kind, membership };
        for (const [letter, actions] of Object.entries(DEEDS)) {
          for (const action of actions) {
            expect(verdict(() => authorize(actor(role), action, room)), action).toBe(expected(letter));
            expect(isAllowed(actor(role), action, room), action).toBe(expected(letter) === "allowed");
          }
        }
        const [mine, theirs] = [{ ...room, by: ME }, { ...room, by: OTHER }];
        expect(verdict(() => authorize(actor(role), "message.edit", mine))).toBe(expected("e"));
        expect(verdict(() => authorize(actor(role), "message.delete", mine))).toBe(expected("d"));
        expect(verdict(() => authorize(actor(role), "message.delete", theirs))).toBe(expected("D"));
        // Nobody may edit somebody else's message.
        expect(verdict(() => authorize(actor(role), "message.edit", theirs)))
          .toBe(allowed === "-" ? "not_found" : "not_allowed");
      });
    }
  }
});

describe("authorize in the workspace", () => {
  const everybody = { owner: true, admin: true, member: true, guest: true };
  const managers = { owner: true, admin: true, member: false, guest: false };
  const owners = { ...managers, admin: false };
  const noGuests = { owner: true, admin: true, member: true, guest: false };
  const plain = [
    ["users.list", everybody],
    ["workspace.get", everybody],
    ["users.rename", noGuests],
    ["room.create", noGuests],
    ["room.browse", noGuests],
    ["room.openDirect", noGuests],
    ["invites.list", noGuests],
    ["tokens.use", noGuests],
    ["users.manage", managers],
    ["invites.listAll", managers],
    ["workspace.update", managers],
    ["workspace.showActivity", owners],
  ] as const;

  for (const [action, allowed] of plain) {
    it(`${action} is for ${ROLES.filter((role) => allowed[role]).join(", ")}`, () => {
      for (const role of ROLES) {
        expect(verdict(() => authorize(actor(role), action, null)), role)
          .toBe(allowed[role] ? "allowed" : "not_allowed");
      }
    });
  }

  it("tokens.use is not for bots", () => {
    expect(isAllowed(actor("member", true), "tokens.use", null)).toBe(false);
  });

  it("users.setRole: only owners appoint and remove owners and admins", () => {
    const low = (role: Role) => role === "member" || role === "guest";
    for (const by of ROLES) {
      for (const role of ROLES) {
        for (const nextRole of ROLES) {
          const isAllowedHere = by === "owner" || (by === "admin" && low(role) && low(nextRole));
          const account = { role, nextRole, isBot: false, ownerId: null };
          expect(isAllowed(actor(by), "users.setRole", account), `${by}: ${role} → ${nextRole}`)
            .toBe(isAllowedHere);
          expect(isAllowed(actor(by), "users.setRole", { ...account, isBot: true, ownerId: OTHER })).toBe(
            false,
          );
        }
      }
    }
  });

  it("users.deactivate: owners anyone, admins members and guests, makers their bots", () => {
    for (const by of ROLES) {
      for (const role of ROLES) {
        const isAllowedHere = by === "owner" || (by === "admin" && (role === "member" || role === "guest"));
        const account = { role, isBot: false, ownerId: null };
        expect(isAllowed(actor(by), "users.deactivate", account), `${by}: ${role}`).toBe(isAllowedHere);
      }
    }
    const bot = { role: "member", isBot: true, ownerId: ME } as const;
    expect(isAllowed(actor("member"), "users.deactivate", bot)).toBe(true);
    expect(isAllowed(actor("member"), "users.deactivate", { ...bot, ownerId: OTHER })).toBe(false);
    // The server's own bot, which nobody made.
    expect(isAllowed(actor("owner"), "users.deactivate", { ...bot, ownerId: null })).toBe(false);
  });

  it("users.makeResetLink: admins for everyone except owners, nobody for bots", () => {
    for (const by of ROLES) {
      for (const role of ROLES) {
        const isAllowedHere = by === "owner" || (by === "admin" && role !== "owner");
        const account = { role, isBot: false, ownerId: null };
        expect(isAllowed(actor(by), "users.makeResetLink", account), `${by}: ${role}`).toBe(isAllowedHere);
        expect(isAllowed(actor(by), "users.makeResetLink", { ...account, isBot: true })).toBe(false);
      }
    }
  });

  it("invites.revoke: admins all, members their own; others are not found", () => {
    const revoke = (role: Role, by: UserId) =>
      verdict(() => authorize(actor(role), "invites.revoke", { by }));
    expect(ROLES.map((role) => revoke(role, ME))).toEqual(["allowed", "allowed", "allowed", "not_allowed"]);
    expect(ROLES.map((role) => revoke(role, OTHER))).toEqual([
      "allowed",
      "allowed",
      "not_found",
      "not_allowed",
    ]);
  });
});

describe("authorize invitations", () => {
  const rooms: Record<string, RoomObject | null> = {
    none: null,
    joined: { kind: "public", membership: "member" },
    open: { kind: "public", membership: null },
    joinedPrivate: { kind: "private", membership: "member" },
    hidden: { kind: "private", membership: null },
    direct: { kind: "direct", membership: "member" },
  };
  const table: readonly (readonly [
    room: string,
    managers: string,
    memberForGuest: string,
    memberForMember: string,
  ])[] = [
    ["none", "allowed", "not_allowed", "allowed"],
    ["joined", "allowed", "allowed", "allowed"],
    ["open", "allowed", "not_allowed", "not_allowed"],
    ["joinedPrivate", "allowed", "allowed", "allowed"],
    ["hidden", "not_found", "not_found", "not_found"],
    ["direct", "not_allowed", "not_allowed", "not_allowed"],
  ];
  for (const [name, managers, forGuest, forMember] of table) {
    it(`into ${name}`, () => {
      const room = rooms[name] ?? null;
      const create = (by: Role, role: "member" | "guest", membersMayInvite: boolean) =>
        verdict(() => authorize(actor(by), "invites.create", { role, room, membersMayInvite }));
      for (const role of ["member", "guest"] as const) {
        for (const by of ["owner", "admin"] as const) expect(create(by, role, false)).toBe(managers);
        expect(create("guest", role, true)).toBe("not_allowed");
      }
      expect(create("member", "guest", false)).toBe(forGuest);
      expect(create("member", "member", true)).toBe(forMember);
      expect(create("member", "member", false)).toBe(forMember === "allowed" ? "not_allowed" : forMember);
    });
  }
});
