import { TRPCClientError } from "@trpc/client";
import { describe, expect, it } from "vitest";
import type { RoomsChange } from "../../shared/event.ts";
import type { TypingUpdate } from "../../shared/signals.ts";
import { TYPING_RATE } from "../../shared/limits.ts";
import type { RoomId } from "../../shared/ids.ts";
import type { Room } from "../../shared/room.ts";
import { testApp } from "../support/test_app.ts";
import type { Person, TestApp } from "../support/test_app.ts";
import type { Client, Transport } from "../support/test_clients.ts";
import { waitFor } from "../support/wait.ts";
import { RawSocket } from "../support/raw_socket.ts";

/** A subscription of a stock client, as far as it has come. */
interface Heard {
  readonly updates: TypingUpdate[];
  readonly errors: unknown[];
  isOver: boolean;
  isStarted: boolean;
  unsubscribe(): void;
}

function listen(client: Client, roomId: RoomId): Heard {
  const heard = { updates: [] as TypingUpdate[], errors: [] as unknown[], isOver: false, isStarted: false };
  const { unsubscribe } = client.typing.onTyping.subscribe({ roomId }, {
    onStarted: () => void (heard.isStarted = true),
    onData: (update) => void heard.updates.push(update),
    onError: (error) => void heard.errors.push(error),
    onComplete: () => void (heard.isOver = true),
  });
  return Object.assign(heard, { unsubscribe });
}

/** A room of the owner with these people in it. */
async function roomOf(app: TestApp, kind: "public" | "private", ...people: Person[]): Promise<Room> {
  const room = await app.services.rooms.create({ name: `Dock ${kind}`, kind, topic: "", by: app.owner.id });
  for (const { id } of people) await app.services.rooms.members.join({ userId: id, roomId: room.id });
  return room;
}

function codeOf(error: unknown): string {
  return error instanceof TRPCClientError ? error.data?.appCode : String(error);
}

async function refusalOf(promise: Promise<unknown>): Promise<string> {
  return codeOf(await promise.then(() => "nothing was refused", (error: unknown) => error));
}

describe("typing", () => {
  for (const transport of ["ws", "sse"] satisfies Transport[]) {
    it(`TYP40 reaches members over ${transport}, except oneself`, async () => {
      await using app = await testApp();
      const ben = await app.person("Ben");
      const room = await roomOf(app, "private", ben);
      const anas = app.clientFor(app.owner, transport);
      const bens = app.clientFor(ben, transport);
      const [heard, own] = [listen(anas, room.id), listen(bens, room.id)];
      await waitFor(() => heard.isStarted && own.isStarted);
      await bens.typing.set.mutate({ roomId: room.id, isTyping: true });
      await waitFor(() => heard.updates.length === 1);
      await bens.typing.set.mutate({ roomId: room.id, isTyping: false });
      await waitFor(() => heard.updates.length === 2);
      expect(heard.updates).toEqual([
        { userId: ben.id, isTyping: true },
        { userId: ben.id, isTyping: false },
      ]);
      expect(own.updates).toEqual([]);
      heard.unsubscribe();
      own.unsubscribe();
    });
  }

  it("TYP41 stops immediately for others when the typer's connection breaks", async () => {
    await using app = await testApp();
    const ben = await app.person("Ben");
    const room = await roomOf(app, "private", ben);
    const heard = listen(app.clientFor(app.owner, "ws"), room.id);
    const socket = await RawSocket.open(ben.device);
    await waitFor(() => heard.isStarted);
    await socket.call("mutation", "typing.set", { roomId: room.id, isTyping: true });
    await waitFor(() => heard.updates.length === 1);
    const at = performance.now();
    socket.terminate();
    await waitFor(() => heard.updates.length === 2);
    expect(performance.now() - at).toBeLessThan(2_000);
    expect(heard.updates.at(-1)).toEqual({ userId: ben.id, isTyping: false });
  });

  it("TYP42 is hidden from outsiders: no call works, and not one byte reaches them", async () => {
    await using app = await testApp();
    const [ben, cleo, gus] = await Promise.all([
      app.person("Ben"),
      app.person("Cleo"),
      app.person("Gus", { role: "guest", roomId: (await roomOf(app, "public")).id }),
    ]);
    const room = await roomOf(app, "private", ben);
    for (const outsider of [cleo, gus]) {
      const client = app.clientFor(outsider, "ws");
      expect(await refusalOf(client.typing.set.mutate({ roomId: room.id, isTyping: true }))).toBe(
        "not_found",
      );
      const heard = listen(client, room.id);
      await waitFor(() => heard.errors.length === 1);
      expect(codeOf(heard.errors[0])).toBe("not_found");
    }
    const socket = await RawSocket.open(cleo.device);
    socket.subscribe(1, "typing.onTyping", { roomId: room.id });
    const heard = listen(app.clientFor(app.owner, "ws"), room.id);
    await waitFor(() => heard.isStarted && socket.texts.length > 0);
    await ben.api.typing.set.mutate({ roomId: room.id, isTyping: true });
    await waitFor(() => heard.updates.length === 1);
    // A round trip after the others have heard: what was on its way has arrived.
    await socket.call("query", "auth.me", undefined);
    expect(socket.texts.join("\n")).not.toContain(ben.id);
  });

  it("TYP43 is visible to people who have not joined a public room, but they cannot type there", async () => {
    await using app = await testApp();
    const ben = await app.person("Ben");
    const room = await roomOf(app, "public");
    const client = app.clientFor(ben, "ws");
    const heard = listen(client, room.id);
    await waitFor(() => heard.isStarted);
    expect(await refusalOf(client.typing.set.mutate({ roomId: room.id, isTyping: true }))).toBe(
      "not_allowed",
    );
    await app.owner.api.typing.set.mutate({ roomId: room.id, isTyping: true });
    await waitFor(() => heard.updates.length === 1);
  });

  for (const [kind, code] of [["private", "not_found"], ["public", "membership_ended"]] as const) {
    it(`TYP44 ends with ${code} for somebody removed from a ${kind} room, with nothing after`, async () => {
      await using app = await testApp();
      const [ben, cleo] = await Promise.all([app.person("Ben"), app.person("Cleo")]);
      const room = await roomOf(app, kind, ben, cleo);
      const bens = listen(app.clientFor(ben, "ws"), room.id);
      const bensStream = listen(app.clientFor(ben, "sse"), room.id);
      const cleos = listen(app.clientFor(cleo, "ws"), room.id);
      await waitFor(() => bens.isStarted && bensStream.isStarted && cleos.isStarted);
      await ben.api.typing.set.mutate({ roomId: room.id, isTyping: true });
      await waitFor(() => cleos.updates.length === 1);
      await app.services.rooms.members.leave({ userId: ben.id, roomId: room.id, by: app.owner.id });
      await waitFor(() => bens.errors.length === 1 && bensStream.errors.length > 0);
      expect(codeOf(bens.errors[0])).toBe(code);
      expect(cleos.updates.at(-1)).toEqual({ userId: ben.id, isTyping: false });
      await app.owner.api.typing.set.mutate({ roomId: room.id, isTyping: true });
      await waitFor(() => cleos.updates.at(-1)?.userId === app.owner.id);
      expect(bens.updates).toEqual([]);
      bensStream.unsubscribe();
    });
  }

  it("TYP45 is limited, and says how long to wait", async () => {
    await using app = await testApp();
    const room = await roomOf(app, "private");
    const client = app.clientFor(app.owner, "ws");
    const results = await Promise.allSettled(
      Array.from(
        { length: TYPING_RATE.burst + 1 },
        () => client.typing.set.mutate({ roomId: room.id, isTyping: true }),
      ),
    );
    const refused = results.flatMap((result) => result.status === "rejected" ? [result.reason] : []);
    expect(refused.map(codeOf)).toEqual(["rate_limited"]);
    expect(refused[0].data.retryAfterMs).toBeGreaterThan(0);
  });

  it("TYP47 ends for others with the message, and in an archived room", async () => {
    await using app = await testApp();
    const ben = await app.person("Ben");
    const room = await roomOf(app, "private", ben);
    const bens = app.clientFor(ben, "ws");
    const heard = listen(app.clientFor(app.owner, "ws"), room.id);
    await waitFor(() => heard.isStarted);
    await bens.typing.set.mutate({ roomId: room.id, isTyping: true });
    await waitFor(() => heard.updates.length === 1);
    await bens.messages.send.mutate({ roomId: room.id, clientMessageId: "one", text: "Hello" });
    await waitFor(() => heard.updates.length === 2);
    expect(heard.updates.at(-1)).toEqual({ userId: ben.id, isTyping: false });
    await app.owner.api.rooms.archive.mutate({ roomId: room.id, on: true });
    expect(await refusalOf(bens.typing.set.mutate({ roomId: room.id, isTyping: true }))).toBe(
      "room_archived",
    );
  });

  it("TYP48 comes with rooms.onChange on slim transports, for members only", async () => {
    await using app = await testApp();
    const [ben, cleo] = await Promise.all([app.person("Ben"), app.person("Cleo")]);
    const room = await roomOf(app, "public", ben);
    const typings = (person: Person) => {
      const changes: RoomsChange[] = [];
      const { unsubscribe } = app.clientFor(person, "sse").rooms.onChange.subscribe({ also: ["typing"] }, {
        onData: (change) => void changes.push(change),
      });
      return { changes, unsubscribe, of: () => changes.filter((change) => change.type === "typing") };
    };
    const [anas, bens, cleos] = [typings(app.owner), typings(ben), typings(cleo)];
    await waitFor(() => [anas, bens, cleos].every(({ changes }) => changes.length > 0));
    await ben.api.typing.set.mutate({ roomId: room.id, isTyping: true });
    await waitFor(() => anas.of().length === 1);
    expect(anas.of()).toEqual([{ type: "typing", roomId: room.id, userId: ben.id, isTyping: true }]);
    await app.owner.api.typing.set.mutate({ roomId: room.id, isTyping: true });
    await waitFor(() => bens.of().length === 1);
    expect(cleos.of()).toEqual([]);
    for (const { unsubscribe } of [anas, bens, cleos]) unsubscribe();
  });

  it("TYP46 names the wrong field", async () => {
    await using app = await testApp();
    const client = app.clientFor(app.owner, "http");
    const wrong = [
      [{ roomId: "short", isTyping: true }, "roomId"],
      [{ roomId: app.owner.id, isTyping: "yes" }, "isTyping"],
      [{ roomId: app.owner.id, isTyping: true, for: 5 }, "for"],
    ] as const;
    for (const [input, path] of wrong) {
      const error = await client.typing.set.mutate(input as never).catch((thrown: unknown) => thrown);
      expect(codeOf(error)).toBe("invalid_input");
      expect((error as TRPCClientError<never>).data).toMatchObject({ issues: [{ path }] });
    }
  });
});
