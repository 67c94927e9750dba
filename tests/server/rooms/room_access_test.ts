import { describe, expect, it, vi } from "vitest";
import type { RoomEvent } from "../../../shared/event.ts";
import type { RoomId } from "../../../shared/ids.ts";
import type { RoomAction } from "../../../server/rooms/room_access_store.ts";
import { ChatKit } from "../../support/chat_kit.ts";
import type { Somebody } from "../../support/chat_kit.ts";
import { roomNotice } from "../../support/stream_kit.ts";

describe("rights in rooms", () => {
  it("RIGHT1 hold at once: what is granted or taken counts for the very next call", async () => {
    await using kit = await ChatKit.open();
    const [ana, ben] = [await kit.person("Ana"), await kit.person("Ben")];
    const roomId = await kit.room(ana);
    const { rooms } = kit.services;
    const { access } = rooms;
    const may = (who: Somebody, action: RoomAction) =>
      access.require(who, action, roomId).then(() => true, () => false);
    const userId = ben.userId;
    for (let round = 0; round < 20; round++) {
      expect([await may(ben, "room.send"), await may(ben, "room.read")]).toEqual([false, true]);
      await rooms.members.join({ roomId, userId });
      expect([await may(ben, "room.send"), await may(ben, "room.addMember")]).toEqual([true, false]);
      await rooms.members.setRole({ roomId, userId, role: "moderator", by: ana.userId });
      expect(await may(ben, "room.addMember")).toBe(true);
      await rooms.members.setRole({ roomId, userId, role: "member", by: ana.userId });
      expect(await may(ben, "room.addMember")).toBe(false);
      await rooms.members.leave({ roomId, userId, by: ana.userId });
    }
  });

  it("RIGHT6 events that change no membership leave what is known of it, whomever they name", async () => {
    await using kit = await ChatKit.open();
    const ana = await kit.person("Ana");
    const roomId = await kit.room(ana);
    const { db, feed, rooms: { access } } = kit.services;
    await access.require(ana, "room.send", roomId);
    const reads = vi.spyOn(db, "getMany");
    const place = { offset: 1_000, at: new Date(0).toISOString(), by: ana.userId };
    // A type that is still to come: a release that adds one must not slow every send down.
    const event = { ...place, type: "call_joined", userId: ana.userId } as unknown as RoomEvent;
    feed.publish(roomNotice(roomId, [event], 0));
    await access.require(ana, "room.send", roomId);
    expect(reads).not.toHaveBeenCalled();
    await kit.services.rooms.members.setRole({ roomId, userId: ana.userId, role: "member", by: ana.userId });
    reads.mockClear();
    await access.require(ana, "room.send", roomId);
    expect(reads).toHaveBeenCalledTimes(1);
  });

  it("RIGHT2 a refusal comes from storage, where another process may have granted it", async () => {
    await using kit = await ChatKit.open();
    const [ana, ben] = [await kit.person("Ana"), await kit.person("Ben")];
    const roomId = await kit.room(ana, { kind: "private" });
    await using other = await kit.again();
    await expect(other.send(ben, roomId, "hi")).rejects.toMatchObject({ appCode: "not_found" });
    await kit.services.rooms.members.join({ roomId, userId: ben.userId });
    expect((await other.send(ben, roomId, "hi")).offset).toBe(3);
  });

  it("RIGHT3 an allowance that another process took back ends within a second", async () => {
    await using kit = await ChatKit.open();
    const [ana, ben] = [await kit.person("Ana"), await kit.person("Ben")];
    const roomId = await kit.room(ana, { kind: "private", with: [ben] });
    await using other = await kit.again();
    await other.send(ben, roomId, "hi");
    await kit.services.rooms.members.leave({ roomId, userId: ben.userId });
    other.clock.now += 1_000;
    await expect(other.send(ben, roomId, "still here")).rejects.toMatchObject({ appCode: "not_found" });
  });

  it("RIGHT5 an allowance does not outlive its second when the clock is set back", async () => {
    await using kit = await ChatKit.open();
    const [ana, ben] = [await kit.person("Ana"), await kit.person("Ben")];
    const roomId = await kit.room(ana, { kind: "private", with: [ben] });
    await using other = await kit.again();
    await other.send(ben, roomId, "hi");
    await kit.services.rooms.members.leave({ roomId, userId: ben.userId });
    other.clock.now -= 3_600_000;
    await expect(other.send(ben, roomId, "still here")).rejects.toMatchObject({ appCode: "not_found" });
  });

  it("RIGHT4 who loses a public room hears so, who loses another one learns nothing", async () => {
    await using kit = await ChatKit.open();
    const ana = await kit.person("Ana");
    const { access } = kit.services.rooms;
    expect(access.lossOf(await kit.room(ana))).toMatchObject({ appCode: "not_found" });
    const [open, hidden] = [await kit.room(ana), await kit.room(ana, { kind: "private" })];
    for (const roomId of [open, hidden]) await access.require(ana, "room.read", roomId);
    expect(access.lossOf(open)).toMatchObject({ appCode: "membership_ended" });
    expect(access.lossOf(hidden)).toMatchObject({ appCode: "not_found" });
    expect(access.lossOf("unknown" as RoomId)).toMatchObject({ appCode: "not_found" });
  });
});
