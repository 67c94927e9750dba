import { describe, expect, it } from "vitest";
import type { RoomId } from "../../shared/ids.ts";
import type { PersonSettings } from "../../shared/notify/notification_settings.ts";
import { hasDenokv } from "../support/denokv.ts";
import { twoInstances } from "../support/two_instances.ts";
import { waitFor } from "../support/wait.ts";

const TIMEOUT_MS = 30_000;
const isPossible = await hasDenokv();

describe.skipIf(!isPossible)("settings on another instance", () => {
  it("reach the person's devices: settings, levels, mutes and do not disturb", async () => {
    await using pair = await twoInstances();
    const { owner: ana } = pair.app;
    const roomId = (await ana.api.rooms.list.query())[0]?.id as RoomId;
    const there = pair.client("b", ana, "ws");
    const settings: PersonSettings[] = [];
    let level: string | null = "";
    let mutedUntil: string | null = "";
    let isDisturbable = true;
    const subscriptions = [
      there.settings.onChange.subscribe(undefined, { onData: (all) => void settings.push(all) }),
      there.rooms.onChange.subscribe(undefined, {
        onData: (change) => {
          if (change.type === "room_changed") ({ level, mutedUntil } = change.room);
        },
      }),
      there.presence.onPresence.subscribe(undefined, {
        onData: (update) => {
          const own = update.type === "diff" && update.states.find(({ userId }) => userId === ana.id);
          if (own) isDisturbable = !own.doNotDisturb;
        },
      }),
    ];
    await waitFor(() => settings.length === 1, { timeoutMs: TIMEOUT_MS });
    await ana.api.settings.set.mutate({ previews: false, sound: false });
    await waitFor(() => settings.at(-1)?.previews === false, { timeoutMs: TIMEOUT_MS });
    expect(settings.at(-1)).toMatchObject({ previews: false, sound: false, level: "all" });
    await ana.api.rooms.setLevel.mutate({ roomId, level: "none", mutedUntil: "2030-02-01T00:00:00.000Z" });
    await waitFor(() => level === "none" && mutedUntil === "2030-02-01T00:00:00.000Z", {
      timeoutMs: TIMEOUT_MS,
    });
    await ana.api.presence.set.mutate({ status: "online", doNotDisturb: true });
    await waitFor(() => !isDisturbable, { timeoutMs: TIMEOUT_MS });
    for (const subscription of subscriptions) subscription.unsubscribe();
  });
});
