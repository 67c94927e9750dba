import { newId, newInviteCode, newSecret } from "../../../shared/ids.ts";
import type { InviteId, SessionId, TokenId, UserId } from "../../../shared/ids.ts";
import type { Role } from "../../../shared/user.ts";
import { pushSubscription } from "../../support/push_subscription.ts";
import { ALL, answers, EVERYBODY, managers, NO_ONE, NOT_GUESTS, one } from "./answers.ts";
import type { Answer, Answers, Case, Row } from "./answers.ts";
import { PASSWORD, ROLES } from "./world.ts";
import type { Actor, Place, RoleName, World } from "./world.ts";

const SUBSCRIPTION = pushSubscription(1);
const NEW_PASSWORD = "eleven silver harbours";

/** Tokens are for people, and not for guests. */
function tokenOwners(answer: Answer): Answers {
  return answers(answer, { guest: "not_allowed", bot: "not_allowed" });
}

function inviters(answer: Answer, others: Partial<Answers> = {}): Answers {
  return answers(answer, { guest: "not_allowed", ...others });
}

/** The cookie comes with the answer, which only HTTP's can bring. */
function overHttp(each: Case): Case {
  return { ...each, overSocket: "invalid_request" };
}

function hidden(each: Case, hiddenFrom: readonly RoleName[] = ROLES): Case {
  return { ...each, hiddenFrom };
}

function same(answer: Answer): Answers {
  return answers(answer, { nobody: answer });
}

async function someone(world: World, role: Role | "bot" = "member"): Promise<{ userId: UserId }> {
  const { userId } = role === "bot" ? await world.bot() : await world.person(role);
  return { userId };
}

const registration = (world: World, invite: string) => ({ invite, name: world.name(), password: PASSWORD });
const entrance = (world: World, invite: string) => ({ invite, name: world.name() });

function guestInvite(place: Place): Case["input"] {
  return async (world, actor) => ({ role: "guest", roomId: await world.room(place, actor.userId) });
}

function setRole(from: Role | "bot", role: Role): Case["input"] {
  return async (world) => ({ ...await someone(world, from), role });
}

/** Nobody learns by being refused which accounts there are. */
const NOT_MANAGERS: readonly RoleName[] = ["guest", "member", "bot"];
const MISSING_PERSON = managers("not_found", "not_allowed");
const missingPerson = () => ({ userId: newId<UserId>() });
const OWNERS = answers("not_allowed", { owner: "ok" });
const MANAGERS = managers("ok", "not_allowed");

async function ownBot(world: World, { role, userId }: Actor) {
  const { userId: botId } = role === "guest" || role === "bot" ? await world.bot() : await world.bot(userId);
  return { userId: botId };
}

async function usedReset(world: World) {
  const { resets } = world.app.services;
  const { userId } = await world.person();
  const { userId: by } = await world.person("owner");
  const token = await resets.issue(userId, by);
  await resets.issue(userId, by);
  return { token, password: NEW_PASSWORD };
}

/** Accounts, sessions, tokens, invitations, the workspace and presence. */
export const ACCOUNT_ROWS: Readonly<Record<string, Row>> = {
  "auth.setup": [
    one("any token", same("already_set_up"), () => ({
      token: newSecret(),
      name: "Eve",
      password: PASSWORD,
    })),
  ],
  "auth.register": [
    overHttp(one(
      "open invitation",
      EVERYBODY,
      async (world) => registration(world, (await world.invite()).code),
    )),
    hidden(overHttp(one(
      "invitation of guests",
      same("invite_invalid"),
      async (world) => registration(world, (await world.invite("guest")).code),
    ))),
    hidden(overHttp(one(
      "missing invitation",
      same("invite_invalid"),
      (world) => registration(world, newInviteCode()),
    ))),
  ],
  "auth.joinAsGuest": [
    overHttp(one(
      "open invitation",
      EVERYBODY,
      async (world) => entrance(world, (await world.invite("guest")).code),
    )),
    hidden(overHttp(one(
      "invitation of members",
      same("invite_invalid"),
      async (world) => entrance(world, (await world.invite()).code),
    ))),
    hidden(overHttp(one(
      "missing invitation",
      same("invite_invalid"),
      (world) => entrance(world, newInviteCode()),
    ))),
  ],
  "auth.signIn": [
    overHttp(one(
      "right password",
      EVERYBODY,
      async (world) => ({ name: (await world.person()).name, password: PASSWORD }),
    )),
    hidden(overHttp(one(
      "wrong password",
      same("bad_credentials"),
      async (world) => ({ name: (await world.person()).name, password: NEW_PASSWORD }),
    ))),
    hidden(overHttp(one(
      "missing person",
      same("bad_credentials"),
      (world) => ({ name: world.name(), password: NEW_PASSWORD }),
    ))),
  ],
  "auth.signOut": [one("own session", answers("ok", { nobody: "ok", bot: "not_allowed" }))],
  "auth.me": [one("oneself", EVERYBODY)],
  "auth.sessions": [one("own sessions", ALL)],
  "auth.revokeSession": [
    one("own session", ALL, async (world, actor) => ({ sessionId: await world.session(actor.userId) })),
    hidden(one("somebody's session", answers("not_found"), async (world) => ({
      sessionId: await world.session((await world.person()).userId),
    }))),
    hidden(one("missing session", answers("not_found"), () => ({ sessionId: newId<SessionId>() }))),
  ],
  "auth.changePassword": [
    one(
      "own password",
      answers("ok", { guest: "bad_credentials", bot: "bad_credentials" }),
      () => ({ current: PASSWORD, next: NEW_PASSWORD }),
    ),
    one("wrong password", answers("bad_credentials"), () => ({ current: NEW_PASSWORD, next: PASSWORD })),
  ],
  "auth.resetPassword": [
    overHttp(one("open link", EVERYBODY, async (world) => ({
      token: await world.app.services.resets.issue(
        (await world.person()).userId,
        (await world.person("owner")).userId,
      ),
      password: NEW_PASSWORD,
    }))),
    hidden(overHttp(one("cancelled link", same("reset_invalid"), usedReset))),
    hidden(overHttp(one("missing link", same("reset_invalid"), () => ({
      token: newSecret(),
      password: NEW_PASSWORD,
    })))),
  ],

  "tokens.create": [
    one("token for oneself", tokenOwners("ok"), () => ({ label: "Script" })),
    one("token with a bot", tokenOwners("ok"), (world) => ({ label: "Bot", bot: { name: world.name() } })),
    one("token of somebody's bot", tokenOwners("name_taken"), async (world) => ({
      label: "Bot",
      bot: { name: (await world.bot()).name },
    })),
  ],
  "tokens.list": [one("own tokens", tokenOwners("ok"))],
  "tokens.revoke": [
    one("own token", tokenOwners("ok"), async (world, actor) => ({
      tokenId: await world.token(actor.userId),
    })),
    hidden(one("somebody's token", tokenOwners("not_found"), async (world) => ({
      tokenId: await world.token((await world.person()).userId),
    }))),
    hidden(one("missing token", tokenOwners("not_found"), () => ({ tokenId: newId<TokenId>() }))),
  ],

  "invites.create": [
    one("guest into joined public room", inviters("ok"), guestInvite("joined public")),
    one("guest into joined private room", inviters("ok"), guestInvite("joined private")),
    one("guest into moderated room", inviters("ok"), guestInvite("moderated")),
    one("guest into own direct room", NO_ONE, guestInvite("direct")),
    one("guest into open room", managers("ok", "not_allowed"), guestInvite("open")),
    hidden(one("guest into closed room", inviters("not_found"), guestInvite("closed"))),
    hidden(one("guest into others' direct room", inviters("not_found"), guestInvite("others"))),
    hidden(one("guest into missing room", inviters("not_found"), guestInvite("missing"))),
    one(
      "guest into no room",
      managers("ok", "invalid_input", { guest: "not_allowed" }),
      () => ({ role: "guest" }),
    ),
    one("member", MANAGERS, () => ({ role: "member" })),
    one("member into joined room", MANAGERS, async (world, actor) => ({
      role: "member",
      roomId: await world.room("joined public", actor.userId),
    })),
  ],
  "invites.list": [one("invitations", NOT_GUESTS)],
  "invites.revoke": [
    one("own invitation", NOT_GUESTS, async (world, { userId }) => ({
      inviteId: (await world.invite("member", userId)).id,
    })),
    hidden(
      one(
        "somebody's invitation",
        managers("ok", "not_found", { guest: "not_allowed" }),
        async (world) => ({ inviteId: (await world.invite()).id }),
      ),
      NOT_MANAGERS,
    ),
    hidden(
      one("missing invitation", inviters("not_found"), () => ({ inviteId: newId<InviteId>() })),
      NOT_MANAGERS,
    ),
  ],
  "invites.preview": [
    one("open invitation", EVERYBODY, async (world) => ({ invite: (await world.invite()).code })),
    one("missing invitation", same("invite_invalid"), () => ({ invite: newInviteCode() })),
  ],

  "users.list": [one("people", ALL)],
  "users.rename": [
    one("oneself", NOT_GUESTS, (world) => ({ name: world.name() })),
    one("to somebody's name", answers("name_taken", { guest: "not_allowed" }), async (world) => (
      { name: (await world.person()).name }
    )),
  ],
  "users.setRole": [
    hidden(one("member to guest", MANAGERS, setRole("member", "guest")), NOT_MANAGERS),
    one("guest to member", MANAGERS, async (world) => {
      const guest = await someone(world, "guest");
      return { ...guest, role: "member" };
    }),
    one("member to admin", OWNERS, setRole("member", "admin")),
    one("member to owner", OWNERS, setRole("member", "owner")),
    one("admin to member", OWNERS, setRole("admin", "member")),
    one("owner to member", OWNERS, setRole("owner", "member")),
    one("bot to guest", NO_ONE, setRole("bot", "guest")),
    one("oneself to owner", OWNERS, (_world, { userId }) => ({ userId, role: "owner" })),
    hidden(
      one("missing person", MISSING_PERSON, () => ({ ...missingPerson(), role: "guest" })),
      NOT_MANAGERS,
    ),
  ],
  "users.deactivate": [
    hidden(one("member", MANAGERS, (world) => someone(world)), NOT_MANAGERS),
    one("guest", MANAGERS, (world) => someone(world, "guest")),
    one("admin", OWNERS, (world) => someone(world, "admin")),
    one("owner", OWNERS, (world) => someone(world, "owner")),
    one("somebody's bot", MANAGERS, (world) => someone(world, "bot")),
    one("own bot", answers("ok", { guest: "not_allowed", bot: "not_allowed" }), ownBot),
    hidden(one("missing person", MISSING_PERSON, missingPerson), NOT_MANAGERS),
  ],
  "users.makeResetLink": [
    hidden(one("member", MANAGERS, (world) => someone(world)), NOT_MANAGERS),
    one("admin", MANAGERS, (world) => someone(world, "admin")),
    one("owner", OWNERS, (world) => someone(world, "owner")),
    one("bot", NO_ONE, (world) => someone(world, "bot")),
    hidden(one("missing person", MISSING_PERSON, missingPerson), NOT_MANAGERS),
  ],

  "workspace.get": [one("the workspace", ALL)],
  "workspace.update": [one("the workspace", MANAGERS, () => ({ name: "Harbour" }))],

  "settings.get": [one("oneself", ALL)],
  "settings.onChange": [one("oneself", ALL)],
  "settings.set": [one("oneself", ALL, () => ({ timeZone: "Europe/Berlin", level: "mentions" }))],

  "push.key": [one("the workspace", ALL)],
  "push.subscribe": [
    // Push is off without https.
    one(
      "one's own session",
      answers("wrong_state", { bot: "not_allowed" }),
      () => ({ subscription: SUBSCRIPTION }),
    ),
  ],
  "push.unsubscribe": [
    one(
      "one's own session",
      answers("ok", { bot: "not_allowed" }),
      () => ({ endpoint: SUBSCRIPTION.endpoint }),
    ),
  ],
  "push.test": [one("one's own session", answers("not_found", { bot: "not_allowed" }))],

  "presence.set": [one("oneself", ALL, () => ({ status: "online" }))],
  "presence.onPresence": [one("people", ALL)],
};
