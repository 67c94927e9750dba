import { describe, expect, it } from "vitest";
import type { RoomId } from "../../shared/ids.ts";
import { REVOKE_WITHIN_MS } from "../../shared/limits.ts";
import { RawClient, rawFrame } from "../support/raw_client.ts";
import { testApp } from "../support/test_app.ts";
import type { Person, TestApp } from "../support/test_app.ts";
import { waitFor } from "../support/wait.ts";

type Kind = "ws" | "sse";

const KINDS = ["ws", "sse"] satisfies Kind[];

/** What somebody's connections bring, byte by byte. */
class Wire implements AsyncDisposable {
  readonly #clients: RawClient[] = [];
  readonly #kind: Kind;

  private constructor(kind: Kind) {
    this.#kind = kind;
  }

  /** Opens subscriptions: all on one WebSocket, or each on a stream of its own. */
  static async open(
    app: TestApp,
    shown: { readonly address: string; readonly headers: Record<string, string> },
    kind: Kind,
    subscriptions: readonly (readonly [path: string, input: unknown])[],
  ): Promise<Wire> {
    const wire = new Wire(kind);
    if (kind === "ws") {
      const client = await wire.#dial(app, shown.address);
      await client.upgrade(shown.headers);
      for (const [id, [path, input]] of subscriptions.entries()) {
        client.write(rawFrame(JSON.stringify({ id, method: "subscription", params: { path, input } })));
      }
      return wire;
    }
    for (const [path, input] of subscriptions) {
      const client = await wire.#dial(app, shown.address);
      client.request([
        `GET /trpc/${path}?input=${encodeURIComponent(JSON.stringify(input))} HTTP/1.1`,
        "Host: 127.0.0.1",
        "Accept: text/event-stream",
        ...Object.entries(shown.headers).map(([name, value]) => `${name}: ${value}`),
      ]);
    }
    return wire;
  }

  async #dial(app: TestApp, address: string): Promise<RawClient> {
    const client = await RawClient.dial(app.port, address);
    this.#clients.push(client);
    return client;
  }

  /** How often a text has come. */
  count(text: string): number {
    return this.#clients.reduce((sum, client) => sum + client.text.split(text).length - 1, 0);
  }

  /** How much has come on each connection. */
  get lengths(): number[] {
    return this.#clients.map(({ text }) => text.length);
  }

  /** What has come on all connections since they had these lengths. */
  since(lengths: readonly number[]): string {
    return this.#clients.map(({ text }, index) => text.slice(lengths[index])).join("\n");
  }

  /** Whether the server has closed all of it; of a WebSocket it says so by a frame. */
  get isClosed(): boolean {
    return this.#clients.every((client) =>
      client.isClosed || (this.#kind === "ws" && client.closeCode > 4500)
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) await client[Symbol.asyncDispose]();
  }
}

function shownBy(app: TestApp, { device }: Person) {
  return { address: device.address, headers: { Origin: app.url, Cookie: device.cookie ?? "" } };
}

/** Everything that a room brings to who follows it. */
function roomSubscriptions(roomId: RoomId): (readonly [string, unknown])[] {
  return [
    ["messages.onEvent", { roomId }],
    ["typing.onTyping", { roomId }],
    ["rooms.onChange", { also: ["typing", "presence"] }],
  ];
}

async function roomOf(app: TestApp, kind: "public" | "private", ...people: Person[]): Promise<RoomId> {
  const { rooms } = app.services;
  const { id } = await rooms.create({ name: `Dock ${kind}`, kind, topic: "", by: app.owner.id });
  for (const person of people) await rooms.members.join({ userId: person.id, roomId: id });
  return id;
}

async function post(app: TestApp, roomId: RoomId, text: string): Promise<void> {
  await app.owner.api.messages.send.mutate({ roomId, clientMessageId: crypto.randomUUID(), text });
}

/** The owner types and posts; whoever may hear that hears typing first. */
async function stir(app: TestApp, roomId: RoomId, text: string): Promise<void> {
  await app.owner.api.typing.set.mutate({ roomId, isTyping: true });
  await post(app, roomId, text);
}

/** Waits until the wire brings all that is going on in the room. */
async function live(app: TestApp, wire: Wire, roomId: RoomId): Promise<void> {
  await waitFor(() => wire.count('"type":"subscribed"') > 0 && wire.count('"type":"snapshot"') > 0);
  await waitFor(async () => {
    await app.owner.api.typing.set.mutate({ roomId, isTyping: true }).catch(() => {});
    return wire.count('"isTyping":true') >= 2;
  });
  await post(app, roomId, "heard by all");
  await waitFor(() => wire.count("heard by all") > 0);
}

describe("losing a room", () => {
  const ends: Record<
    string,
    ["public" | "private", string, (app: TestApp, ben: Person, roomId: RoomId) => Promise<unknown>]
  > = {
    "removal from a private room": [
      "private",
      "not_found",
      (app, ben, roomId) => app.owner.api.rooms.removeMember.mutate({ roomId, userId: ben.id }),
    ],
    "removal from a public room": [
      "public",
      "membership_ended",
      (app, ben, roomId) => app.owner.api.rooms.removeMember.mutate({ roomId, userId: ben.id }),
    ],
    "leaving a private room": [
      "private",
      "not_found",
      (_app, ben, roomId) => ben.api.rooms.leave.mutate({ roomId }),
    ],
  };
  for (const kind of KINDS) {
    it.each(Object.entries(ends))(
      `REVOKE1 T03 by %s ends everything in it over ${kind} within a second`,
      async (_name, [room, appCode, end]) => {
        await using app = await testApp();
        const ben = await app.person("Ben");
        const roomId = await roomOf(app, room, ben);
        const witness = await app.services.rooms.general();
        if (witness === null) throw new Error("There must be a room of all");
        await using wire = await Wire.open(app, shownBy(app, ben), kind, [
          ...roomSubscriptions(roomId),
          ["messages.onEvent", { roomId: witness }],
        ]);
        await live(app, wire, roomId);
        await end(app, ben, roomId);
        await waitFor(
          () => wire.count(`"appCode":"${appCode}"`) === 2 && wire.count('"type":"room_removed"') === 1,
          { timeoutMs: REVOKE_WITHIN_MS },
        );
        const { lengths } = wire;
        await stir(app, roomId, "not for Ben");
        await post(app, witness, "for everybody");
        await waitFor(() => wire.since(lengths).includes("for everybody"));
        expect(wire.since(lengths)).not.toContain(roomId);
        expect(wire.count("not for Ben")).toBe(0);
      },
    );
  }
});

describe("losing the session", () => {
  const ends: Record<string, (app: TestApp, ben: Person) => Promise<unknown>> = {
    "signing out": (_app, ben) => ben.api.auth.signOut.mutate(),
    "revoking it": (_app, ben) =>
      ben.api.auth.revokeSession.mutate({ sessionId: ben.me.sessionId ?? "" as never }),
    "deactivation": (app, ben) => app.owner.api.users.deactivate.mutate({ userId: ben.id }),
  };
  for (const kind of KINDS) {
    it.each(Object.entries(ends))(
      `REVOKE2 T03 by %s ends every room over ${kind} within a second`,
      async (_name, end) => {
        await using app = await testApp();
        const [ben, cleo] = [await app.person("Ben"), await app.person("Cleo")];
        const roomId = await roomOf(app, "private", ben, cleo);
        const subscriptions = roomSubscriptions(roomId);
        await using wire = await Wire.open(app, shownBy(app, ben), kind, subscriptions);
        await using bystander = await Wire.open(app, shownBy(app, cleo), kind, subscriptions);
        await live(app, wire, roomId);
        await live(app, bystander, roomId);
        await end(app, ben);
        await waitFor(() => wire.isClosed, { timeoutMs: REVOKE_WITHIN_MS });
        await stir(app, roomId, "not for Ben");
        await waitFor(() => bystander.count("not for Ben") > 0);
        expect(wire.count("not for Ben")).toBe(0);
        expect(bystander.isClosed).toBe(false);
      },
    );

    it(`REVOKE3 T03 by revoking a token ends every room over ${kind} within a second`, async () => {
      await using app = await testApp();
      const { id: tokenId, token } = await app.owner.api.tokens.create.mutate({ label: "Script" });
      const roomId = await roomOf(app, "private");
      const shown = { address: app.device().address, headers: { Authorization: `Bearer ${token}` } };
      // A program of the owner does not hear the owner type.
      const subscriptions = [["messages.onEvent", { roomId }]] as const;
      await using wire = await Wire.open(app, shown, kind, subscriptions);
      await using bystander = await Wire.open(app, shownBy(app, app.owner), kind, subscriptions);
      await waitFor(() => [wire, bystander].every((each) => each.count('"type":"subscribed"') > 0));
      await app.owner.api.tokens.revoke.mutate({ tokenId });
      await waitFor(() => wire.isClosed, { timeoutMs: REVOKE_WITHIN_MS });
      const { lengths } = wire;
      await post(app, roomId, "not for programs");
      await waitFor(() => bystander.count("not for programs") > 0);
      expect(wire.since(lengths).trim()).toBe("");
    });
  }
});
