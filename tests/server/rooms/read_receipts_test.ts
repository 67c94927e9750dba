import { describe, expect, it } from "vitest";
import { newId } from "../../../shared/ids.ts";
import type { RoomId, UserId } from "../../../shared/ids.ts";
import { READERS_MEMBERS_MAX_COUNT } from "../../../shared/limits.ts";
import { ReadReceipts } from "../../../server/rooms/read_receipts.ts";
import { testApp } from "../../support/test_app.ts";
import type { Person, TestApp } from "../../support/test_app.ts";

async function said(app: TestApp): Promise<{ readonly roomId: RoomId; readonly offset: number }> {
  const { api } = app.owner;
  const roomId = (await api.rooms.list.query())[0]?.id as RoomId;
  const message = await api.messages.send.mutate({
    roomId,
    clientMessageId: "one",
    text: "High water at noon",
  });
  return { roomId, offset: message.offset };
}

describe("rooms.readers", () => {
  it("names members who have read this far, by reading or by writing", async () => {
    await using app = await testApp();
    const { owner: ana } = app;
    const [ben, cleo, dara] = [await app.person("Ben"), await app.person("Cleo"), await app.person("Dara")];
    const { roomId, offset } = await said(app);
    const readers = async (upTo: number) =>
      new Set(await ana.api.rooms.readers.query({ roomId, offset: upTo }));
    expect(await readers(offset)).toEqual(new Set([ana.id]));
    await ben.api.rooms.markRead.mutate({ roomId, offset });
    await cleo.api.rooms.markRead.mutate({ roomId, offset });
    const answer = { roomId, clientMessageId: "two", text: "Thanks" };
    const next = await cleo.api.messages.send.mutate(answer);
    expect(await readers(offset)).toEqual(new Set([ana.id, ben.id, cleo.id]));
    expect(await readers(next.offset)).toEqual(new Set([cleo.id]));
    await ben.api.rooms.markRead.mutate({ roomId, offset: 0, unread: true });
    await cleo.api.rooms.leave.mutate({ roomId });
    expect(await readers(offset)).toEqual(new Set([ana.id]));
    // Who came first has read what was there.
    expect((await readers(1)).has(dara.id)).toBe(true);
  });

  it("leave out who hides it, and tell them nothing about others", async () => {
    await using app = await testApp();
    const { owner: ana } = app;
    const ben = await app.person("Ben");
    const { roomId, offset } = await said(app);
    await ben.api.rooms.markRead.mutate({ roomId, offset });
    const readers = async ({ api }: Person) => new Set(await api.rooms.readers.query({ roomId, offset }));
    expect([await readers(ana), await readers(ben)]).toEqual([
      new Set([ana.id, ben.id]),
      new Set([ana.id, ben.id]),
    ]);
    await ben.api.settings.set.mutate({ showReadState: false });
    expect([await readers(ana), await readers(ben)]).toEqual([new Set([ana.id]), new Set()]);
    await ben.api.settings.set.mutate({ showReadState: true });
    expect(await readers(ana)).toEqual(new Set([ana.id, ben.id]));
  });

  it("refuse large rooms before they read anybody's state", async () => {
    const memberIds = Array.from({ length: READERS_MEMBERS_MAX_COUNT + 1 }, () => newId<UserId>());
    await using app = await testApp();
    const { roomId } = await said(app);
    const { readStates } = app.services.rooms;
    const members = {
      memberIds: () => Promise.resolve(memberIds),
    } as unknown as TestApp["services"]["rooms"]["members"];
    const receipts = new ReadReceipts({
      rooms: { members, readStates },
      showsReadState: () => Promise.resolve(true),
    });
    const before = readStates.cache.readCount;
    await expect(receipts.readersOf(roomId, 1, app.owner.id)).rejects.toThrow("too many members");
    expect(readStates.cache.readCount).toBe(before);
  });
});
