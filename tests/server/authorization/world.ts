import { keys } from "../../../server/kv/keys.ts";
import { newId } from "../../../shared/ids.ts";
import type { InviteId, RoomId, SessionId, TokenId, UserId } from "../../../shared/ids.ts";
import type { Role } from "../../../shared/user.ts";
import { testApp } from "../../support/test_app.ts";
import type { TestApp } from "../../support/test_app.ts";
import { Device } from "../../support/test_clients.ts";
import type { Client, Transport } from "../../support/test_clients.ts";

/** As whom a procedure is called; a moderator is anybody in a room of its own. */
export const ROLES = ["nobody", "guest", "member", "bot", "admin", "owner"] as const;
/** One of ROLES. */
export type RoleName = typeof ROLES[number];

/** How a room stands to who acts. */
export const PLACES = ["joined public", "joined private", "moderated", "direct", "open", "closed", "others"]
  .concat("missing") as readonly Place[];
/** One of PLACES: `open` is public and not joined, `others` the direct room of two others. */
export type Place =
  | "joined public"
  | "joined private"
  | "moderated"
  | "direct"
  | "open"
  | "closed"
  | "others"
  | "missing";

/** Who acts, on a device of its own that goes with it. */
export interface Actor extends AsyncDisposable {
  readonly role: RoleName;
  /** Of somebody else for nobody: it makes the objects that nobody may touch. */
  readonly userId: UserId;
  readonly client: Client;
}

/** A message of a room; in a room that is not there no message either. */
export interface PlacedMessage {
  readonly roomId: RoomId;
  readonly offset: number;
}

/** Good for every role. */
export const PASSWORD = "fourteen copper lanterns";

/** A real server with people and things to ask for; what is asked for is made through the stores. */
export class World implements AsyncDisposable {
  readonly app: TestApp;
  /** Makes rooms and messages that are somebody else's. */
  readonly hostId: UserId;
  readonly #passwordHash: string;
  #count = 0;

  private constructor(app: TestApp, passwordHash: string) {
    this.app = app;
    this.hostId = app.owner.id;
    this.#passwordHash = passwordHash;
  }

  static async open(): Promise<World> {
    const app = await testApp();
    return new World(app, await app.services.hasher.hash(PASSWORD, ["world"]));
  }

  /** A name that nobody has. */
  name(): string {
    return `Person ${crypto.randomUUID().slice(0, 18)}`;
  }

  /** Somebody with an account, signed in nowhere. */
  async person(role: Role = "member"): Promise<{ userId: UserId; name: string }> {
    const { users, db } = this.app.services;
    const name = this.name();
    const { row, commit } = await users.prepare({ name, role: role === "guest" ? "guest" : "member" });
    const password = role === "guest" ? [] : [[keys.password(row.id), this.#passwordHash] as const];
    await db.commit({ ...commit, sets: [...commit.sets, ...password] });
    if (role === "admin" || role === "owner") await users.setRole(row.id, role, null);
    return { userId: row.id, name };
  }

  /** A bot, and a token of it. */
  async bot(ownerId?: UserId): Promise<{ userId: UserId; name: string; token: string }> {
    const { tokens, users } = this.app.services;
    const name = this.name();
    const maker = ownerId ?? (await this.person()).userId;
    const { token } = await tokens.create(maker, { label: "Bot", botName: name });
    const bot = await users.findByName(name);
    if (bot === null) throw new Error("The bot was not made");
    return { userId: bot.id, name, token };
  }

  /** Somebody of a role on a device of its own. */
  async actor(role: RoleName, transport: Transport): Promise<Actor> {
    const number = ++this.#count;
    const device = new Device(this.app.url, `127.2.${number >> 8}.${number & 255}`);
    const { userId, token } = role === "bot"
      ? await this.bot()
      : { ...await this.person(role === "nobody" ? "member" : role), token: null };
    device.token = token;
    if (role !== "bot" && role !== "nobody") device.cookie = `sid=${(await this.#session(userId)).token}`;
    const client = device.client(transport);
    return { role, userId, client, [Symbol.asyncDispose]: () => device[Symbol.asyncDispose]() };
  }

  /** One more session of somebody. */
  async session(userId: UserId): Promise<SessionId> {
    return (await this.#session(userId)).row.id;
  }

  /** A token of somebody, if it may make one. */
  async token(userId: UserId): Promise<TokenId> {
    const { tokens, users } = this.app.services;
    const row = await users.find(userId);
    if (row === null || row.role === "guest" || row.isBot) return newId<TokenId>();
    return (await tokens.create(userId, { label: "Script", botName: null })).id;
  }

  /** An invitation of somebody, by default of the host. */
  invite(role: "member" | "guest" = "member", by = this.hostId): Promise<{ id: InviteId; code: string }> {
    return this.app.services.invites.create({ role, roomId: null, maxUses: 5, expiresInMs: 60_000, by });
  }

  /** A room that stands to somebody as `place` says. */
  async room(place: Place, userId: UserId): Promise<RoomId> {
    const { rooms } = this.app.services;
    const make = async (kind: "public" | "private", by: UserId, ...members: UserId[]) => {
      const { id } = await rooms.create({ name: this.name(), kind, topic: "", by });
      for (const member of members) await rooms.members.join({ userId: member, roomId: id, by });
      return id;
    };
    switch (place) {
      case "joined public":
        return await make("public", this.hostId, userId);
      case "joined private":
        return await make("private", this.hostId, userId);
      case "moderated":
        return await make("private", userId, this.hostId);
      case "direct":
        return (await rooms.openDirect(this.hostId, userId)).id;
      case "open":
        return await make("public", this.hostId);
      case "closed":
        return await make("private", this.hostId);
      case "others":
        return (await rooms.openDirect(this.hostId, (await this.person()).userId)).id;
      default:
        return newId<RoomId>();
    }
  }

  /** A message that somebody sent to a room; gives the place of none where nobody can have sent it. */
  async message(roomId: RoomId, by: UserId): Promise<PlacedMessage> {
    const { messages, rooms } = this.app.services;
    if (await rooms.get(roomId) === null) return { roomId, offset: 2 };
    const sender = { userId: by, role: "member", isBot: false } as const;
    const message = { roomId, clientMessageId: crypto.randomUUID(), text: "Hello", replyTo: null };
    return { roomId, offset: (await messages.send(sender, message)).offset };
  }

  /** A message of somebody in a room that is left by now, where it can be left. */
  async ownMessage(roomId: RoomId, place: Place, userId: UserId): Promise<PlacedMessage> {
    const isInside = place !== "open" && place !== "closed";
    if (place === "others" || place === "missing") return await this.message(roomId, this.hostId);
    const { rooms } = this.app.services;
    if (!isInside) await rooms.members.join({ userId, roomId, by: this.hostId });
    const message = await this.message(roomId, userId);
    if (!isInside) await rooms.members.leave({ userId, roomId });
    return message;
  }

  /** Somebody who shares a room with a person. */
  async neighbour(userId: UserId): Promise<UserId> {
    const other = (await this.person()).userId;
    const roomId = await this.room("joined private", userId);
    await this.app.services.rooms.members.join({ userId: other, roomId });
    return other;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app[Symbol.asyncDispose]();
  }

  async #session(userId: UserId) {
    const { sessions, users } = this.app.services;
    const row = await users.find(userId);
    if (row === null) throw new Error("Nobody to sign in");
    const session = await sessions.start({ userId, role: row.role, userAgent: "Test" }, []);
    if (session === null) throw new Error("The session was not made");
    return session;
  }
}
