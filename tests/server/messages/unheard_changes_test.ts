import { describe, expect, it } from "vitest";
import type { RoomEvent } from "../../../shared/event.ts";
import type { RoomId } from "../../../shared/ids.ts";
import type { Notice } from "../../../server/streams/feed.ts";
import type { LocalFeed } from "../../../server/streams/local_feed.ts";
import { ChatKit, roomsAfter } from "../../support/chat_kit.ts";
import type { Somebody } from "../../support/chat_kit.ts";
import { roomNotice } from "../../support/stream_kit.ts";
import { waitFor } from "../../support/wait.ts";

/** An instance that does not hear yet what the other one does on the same storage. */
async function openDeaf(): Promise<ChatKit> {
  const kit = await ChatKit.open();
  Object.assign(kit.services.feed, { isShared: true });
  return kit;
}

/** Removes somebody on another instance, and says something behind its back. */
async function removeElsewhere(kit: ChatKit, roomId: RoomId, by: Somebody, who: Somebody): Promise<number> {
  await using other = await kit.again();
  await other.services.rooms.members.leave({ roomId, userId: who.userId, by: by.userId });
  const { offset } = await other.services.roomLog.head(roomId);
  await other.send(by, roomId, "secret", "after");
  return offset;
}

describe("what another instance has done and this one has not heard of", () => {
  it("SYNC13 a removal that stands in the log holds for who catches up, live or by polling", async () => {
    await using kit = await openDeaf();
    const [ana, ben] = [await kit.person("Ana"), await kit.person("Ben")];
    const roomId = await kit.room(ana, { kind: "private", with: [ben] });
    const position = kit.position((await kit.services.roomLog.head(roomId)).offset);
    // Known to this instance for a second from now on.
    await kit.send(ben, roomId, "still here", "before");
    const removedAt = await removeElsewhere(kit, roomId, ana, ben);
    for (const from of [position, kit.position(removedAt)]) {
      const reader = kit.follow(ben, roomId, from);
      await waitFor(() => reader.isEnded);
      expect(reader.error?.appCode).toBe("not_found");
      expect(reader.items).toEqual([]);
    }
    const { signal } = new AbortController();
    const polled = await kit.since({ actor: ben, roomId, position, waitMs: 0, signal })
      .catch((error) => error.appCode);
    expect(polled).toBe("not_found");
  });

  it("ROOM20 a count of members that knows of a join counts it once", async () => {
    await using kit = await openDeaf();
    const [ana, ben] = [await kit.person("Ana"), await kit.person("Ben")];
    const roomId = await kit.room(ana);
    await using other = await kit.again();
    await other.services.rooms.members.join({ roomId, userId: ben.userId });
    const count = () => kit.services.rooms.members.count(roomId);
    expect(await count()).toBe(2);
    const { offset, messageCount } = { offset: 2, messageCount: 0 };
    const joined: RoomEvent = {
      type: "member_joined",
      offset,
      at: new Date().toISOString(),
      by: ben.userId,
      userId: ben.userId,
      role: "member",
    };
    kit.services.feed.publish(roomNotice(roomId, [joined], messageCount));
    expect(await count()).toBe(2);
  });

  it("READ20 a mention that was read before this instance heard of it is not counted", async () => {
    await using kit = await openDeaf();
    const [ana, ben] = [await kit.person("Ana"), await kit.person("Ben")];
    const roomId = await kit.room(ana, { with: [ben] });
    const reader = await kit.watch(ben);
    await using other = await kit.again();
    const heard: Notice[] = [];
    const stop = other.services.feed.subscribe("deliver", (notice) => void heard.push(notice));
    const { offset } = await other.send(ana, roomId, "@Ben look", "mention");
    await other.services.rooms.readStates.mark({ userId: ben.userId, roomId, offset, unread: false });
    stop();
    // Messages and other changes travel in parts of the feed of their own: the later one may be heard first.
    const feed = kit.services.feed as LocalFeed;
    for (const notice of heard.reverse()) {
      feed.publish(notice);
      const summary = () => roomsAfter(reader.items).get(roomId);
      await waitFor(() => summary()?.readOffset === offset);
    }
    await expect.poll(() => roomsAfter(reader.items).get(roomId)).toMatchObject({ unread: 0, head: offset });
    expect(roomsAfter(reader.items).get(roomId)?.mentions).toBe(0);
  });
});
