import { describe, expect, it } from "vitest";
import type { RoomsChange } from "../../shared/event.ts";
import type { RoomId } from "../../shared/ids.ts";
import type { PresenceUpdate } from "../../shared/presence.ts";
import { applyPresence, EMPTY_PICTURE } from "../../shared/presence.ts";
import { hasDenokv, startDenokv } from "../support/denokv.ts";
import { startServerProcess } from "../support/server_process.ts";
import { Device } from "../support/test_clients.ts";
import type { Client } from "../support/test_clients.ts";
import { testApp } from "../support/test_app.ts";
import type { Person } from "../support/test_app.ts";
import { twoInstances } from "../support/two_instances.ts";
import { waitFor } from "../support/wait.ts";

const isPossible = await hasDenokv();
/** A lease lives 30 s; looking for dead ones and telling of them takes what is left. */
const GONE_WITHIN_MS = 35_000;

/** What somebody sees of who is there. */
class PresenceWatch {
  #picture = EMPTY_PICTURE;
  readonly stop: () => void;

  constructor(client: Client) {
    const subscription = client.presence.onPresence.subscribe(undefined, {
      onData: (update: PresenceUpdate) => void (this.#picture = applyPresence(this.#picture, update)),
    });
    this.stop = () => subscription.unsubscribe();
  }

  statusOf({ id }: Person): string {
    return this.#picture.states.get(id)?.status ?? "offline";
  }

  textOf({ id }: Person): string {
    return this.#picture.states.get(id)?.text ?? "";
  }
}

describe.skipIf(!isPossible)("people on two instances", () => {
  it("INST10 see each other's typing and presence", async () => {
    await using pair = await twoInstances();
    const { owner } = pair.app;
    const ben = await pair.app.person("Ben");
    const [onA, onB] = [pair.client("a", owner, "ws"), pair.client("b", ben, "ws")];
    const [seenOnA, seenOnB] = [new PresenceWatch(onA), new PresenceWatch(onB)];
    const roomId = (await onA.rooms.list.query())[0]?.id as RoomId;
    await onA.presence.set.mutate({ status: "online", text: "On the boat" });
    await onB.presence.set.mutate({ status: "away" });
    await waitFor(() => seenOnB.statusOf(owner) === "online" && seenOnA.statusOf(ben) === "away");
    expect(seenOnB.textOf(owner)).toBe("On the boat");
    const heard: boolean[] = [];
    const typing = onB.typing.onTyping.subscribe({ roomId }, {
      onData: ({ isTyping }) => void heard.push(isTyping),
    });
    await waitFor(async () => {
      await onA.typing.set.mutate({ roomId, isTyping: true }).catch(() => {});
      return heard.length > 0;
    });
    await onA.messages.send.mutate({ roomId, clientMessageId: "m", text: "Hello" });
    await waitFor(() => heard.at(-1) === false);
    typing.unsubscribe();
    for (const watch of [seenOnA, seenOnB]) watch.stop();
  });

  it("INST11 are known to a new instance immediately", async () => {
    await using pair = await twoInstances();
    const { owner } = pair.app;
    const ben = await pair.app.person("Ben");
    const onA = pair.client("a", owner, "ws");
    await onA.presence.set.mutate({ status: "online" });
    await pair.stopB();
    await pair.startB();
    const seen = new PresenceWatch(pair.client("b", ben, "ws"));
    // Leases are renewed each 10 s; it must not take that long.
    await waitFor(() => seen.statusOf(owner) === "online", { timeoutMs: 3_000 });
    seen.stop();
  });

  it("INST12 have exact unread counts, whichever instance they read on", async () => {
    await using pair = await twoInstances();
    const { owner } = pair.app;
    const ben = await pair.app.person("Ben");
    const roomId = (await owner.api.rooms.list.query())[0]?.id as RoomId;
    const unread = new Map<string, [number, number]>();
    const watches = (["a", "b"] as const).map((instance) =>
      pair.client(instance, ben, "ws").rooms.onChange.subscribe({}, {
        onData(change: RoomsChange) {
          const rooms = change.type === "snapshot"
            ? change.rooms
            : change.type === "room_changed"
            ? [change.room]
            : [];
          for (const room of rooms) {
            if (room.id === roomId) unread.set(instance, [room.unread, room.mentions]);
          }
        },
      })
    );
    const onB = pair.client("b", owner, "http");
    const offsets: number[] = [];
    for (let index = 0; index < 6; index++) {
      const text = index % 2 === 0 ? "@Ben look" : "Nothing";
      offsets.push((await onB.messages.send.mutate({ roomId, clientMessageId: `m${index}`, text })).offset);
    }
    const both = (count: number, mentions: number) =>
      waitFor(() =>
        ["a", "b"].every((instance) => String(unread.get(instance)) === String([count, mentions]))
      );
    await both(6, 3);
    await pair.client("a", ben, "http").rooms.markRead.mutate({ roomId, offset: offsets[2] ?? 0 });
    await both(3, 1);
    await pair.client("b", ben, "http").rooms.markRead.mutate({ roomId, offset: offsets[5] ?? 0 });
    await both(0, 0);
    const again = { roomId, offset: offsets[3] ?? 0, unread: true } as const;
    await pair.client("a", ben, "http").rooms.markRead.mutate(again);
    await both(2, 1);
    for (const watch of watches) watch.unsubscribe();
  });

  it(
    "INST13 F5 of a killed instance are offline within 35 s, and return on the other",
    async () => {
      await using kv = await startDenokv();
      await using app = await testApp({ config: { kvUrl: kv.url } });
      const ben = await app.person("Ben");
      await using other = await startServerProcess({
        env: { KV_URL: kv.url, DENO_KV_ACCESS_TOKEN: kv.token },
      });
      const device = new Device(other.url, ben.device.address);
      device.cookie = ben.device.cookie;
      await device.client("ws").presence.set.mutate({ status: "online" });
      const seen = new PresenceWatch(app.owner.device.client("ws"));
      await waitFor(() => seen.statusOf(ben) === "online");
      await other.kill();
      const killedAt = performance.now();
      await device[Symbol.asyncDispose]();
      await waitFor(() => seen.statusOf(ben) === "offline", { timeoutMs: GONE_WITHIN_MS });
      expect(performance.now() - killedAt).toBeLessThan(GONE_WITHIN_MS);
      await ben.device.client("ws").presence.set.mutate({ status: "online" });
      await waitFor(() => seen.statusOf(ben) === "online");
      seen.stop();
    },
    60_000,
  );
});
