import { describe, expect, it } from "vitest";
import { keys } from "../../../server/kv/keys.ts";
import { RIGHTS_CACHE_MS } from "../../../shared/limits.ts";
import type { RoomId } from "../../../shared/ids.ts";
import { AccountKit, failureCode } from "../../support/account_kit.ts";
import type { Person } from "../../support/account_kit.ts";
import { nextCall } from "../../support/next_call.ts";

interface Talk {
  readonly owner: Person;
  readonly ben: Person;
  readonly roomId: RoomId;
  /** Where Ben's reading begins, with one message behind it. */
  readonly position: string;
  readonly removeBen: () => Promise<unknown>;
}

/** Ben reads a private room with one message that he has not seen. */
async function talk(kit: AccountKit): Promise<Talk> {
  const owner = await kit.owner();
  const ben = await kit.member(owner, "Ben");
  const roomId = await kit.room(owner, "Vault", "private");
  await owner.api.rooms.addMember({ roomId, userId: ben.me.id });
  const { position } = await ben.api.messages.list({ roomId });
  await owner.api.messages.send({ roomId, clientMessageId: "m1", text: "Hello" });
  const removeBen = () => owner.api.rooms.removeMember({ roomId, userId: ben.me.id });
  return { owner, ben, roomId, position, removeBen };
}

describe("who is removed from a room while storage is read", () => {
  it("gets no page", async () => {
    await using kit = await AccountKit.open();
    const { ben, roomId, removeBen } = await talk(kit);
    kit.db.afterRead(keys.messages(roomId), removeBen);
    expect(await failureCode(ben.api.messages.list({ roomId }))).toBe("not_found");
    expect(kit.db.heldCount).toBe(1);
  });

  it("is not told what came since", async () => {
    await using kit = await AccountKit.open();
    const { ben, roomId, position, removeBen } = await talk(kit);
    kit.db.afterRead(keys.events(roomId), removeBen);
    expect(await failureCode(ben.api.messages.since({ roomId, position }))).toBe("not_found");
    expect(kit.db.heldCount).toBe(1);
  });

  it("gets no event of the history", async () => {
    await using kit = await AccountKit.open();
    const { ben, roomId, position, removeBen } = await talk(kit);
    kit.db.afterRead(keys.events(roomId), removeBen);
    const events = await ben.api.messages.onEvent({ roomId, lastEventId: position });
    const seen: unknown[] = [];
    const read = async () => {
      for await (const event of events) seen.push(event);
    };
    expect(await failureCode(read())).toBe("not_found");
    expect(kit.db.heldCount).toBe(1);
    expect(seen).toEqual([]);
  });
});

describe("who waits for what comes in a room", () => {
  const waiting = async (kit: AccountKit, ben: Person, roomId: RoomId) => {
    const { position } = await ben.api.messages.list({ roomId });
    // The last thing that is asked before the wait.
    const isWaiting = nextCall(kit.services.roomLog, "head");
    const told = ben.api.messages.since({ roomId, position, waitMs: 20_000 });
    await isWaiting;
    return { told: failureCode(told) };
  };

  it("is not told it when the role has gone that let it read", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const ben = await kit.member(owner, "Ben");
    // Public, and Ben is not in it.
    const roomId = await kit.room(owner, "Dock");
    const { told } = await waiting(kit, ben, roomId);
    // As another instance does of which nothing has been heard yet.
    await kit.db.patch(keys.user(ben.me.id), { role: "guest" });
    kit.advance(RIGHTS_CACHE_MS + 1);
    await owner.api.messages.send({ roomId, clientMessageId: "m1", text: "Hello" });
    expect(await told).toBe("not_found");
  });

  it("is not told it when the session has gone", async () => {
    await using kit = await AccountKit.open();
    const { owner, ben, roomId } = await talk(kit);
    const { told } = await waiting(kit, ben, roomId);
    const sessionId = ben.me.sessionId ?? "" as never;
    await kit.db.inner.commit({ deletes: [keys.sessionOf(ben.me.id, sessionId)] });
    kit.advance(RIGHTS_CACHE_MS + 1);
    await owner.api.messages.send({ roomId, clientMessageId: "m2", text: "Hello again" });
    expect(await told).toBe("unauthenticated");
  });
});
