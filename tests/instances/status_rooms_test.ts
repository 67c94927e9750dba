import { describe, expect, it } from "vitest";
import { keys } from "../../server/kv/keys.ts";
import { REMINDER_INTERVAL_MS } from "../../server/status/rooms/reminder_times.ts";
import type { RoomId } from "../../shared/ids.ts";
import { hasDenokv } from "../support/denokv.ts";
import { twoInstances } from "../support/two_instances.ts";
import type { TwoInstances } from "../support/two_instances.ts";

const isPossible = await hasDenokv();
const CALLS = { title: "Calls fail", text: "We look.", components: [] };
const OPENED = "Incident opened: Calls fail";
const REMINDED = "No update for 30 minutes: Calls fail";

/** First lines of what the bot has written. */
async function said(pair: TwoInstances, roomId: RoomId): Promise<string[]> {
  const { owner } = pair.app;
  const { messages } = await owner.api.messages.list.query({ roomId });
  return messages.filter(({ by }) => by !== owner.id).map(({ text }) => text.split("\n")[0] ?? "");
}

describe.skipIf(!isPossible)("the bot of the status page on two instances", () => {
  it(
    "writes and reminds once, wherever something was opened and whoever is left to do it",
    async () => {
      const clock = { now: Date.now() };
      await using pair = await twoInstances({ now: () => clock.now });
      const onB = pair.client("b", pair.app.owner, "http");
      const { id: roomId } = await pair.app.owner.api.rooms.create.mutate({ name: "Ops", kind: "private" });
      const { id } = await onB.status.openIncident.mutate({ ...CALLS, roomId });
      await expect.poll(() => said(pair, roomId), { timeout: 20_000 }).toEqual([OPENED]);
      clock.now += REMINDER_INTERVAL_MS;
      const monitors = [pair.app.server.monitor, pair.b.monitor];
      await Promise.all(monitors.map((monitor) => monitor.tick()));
      expect(await said(pair, roomId)).toEqual([OPENED, REMINDED]);

      // Both believe that it is up to them, as when one takes over from the other.
      for (const { services } of [pair.app.server, pair.b]) services.instances.isFirst = () => true;
      const key = keys.statusRoom(id as never);
      const { value } = await pair.b.services.db.get<Record<string, unknown>>(key);
      await pair.b.services.db.commit({ sets: [[key, { ...value, toldCount: 0, remindedCount: 0 }]] });
      const tellers = [pair.app.server, pair.b].map(({ services }) => services.status.teller);
      await Promise.all(tellers.flatMap((teller) => [teller.remind(), teller.remind()]));
      expect(await said(pair, roomId)).toEqual([OPENED, REMINDED]);

      // The one whose turn it was is gone between the commit and the message.
      for (const { services } of [pair.app.server, pair.b]) services.instances.isFirst = () => false;
      await pair.app.owner.api.status.updateIncident.mutate({ id, state: "resolved", text: "It works." });
      await Promise.all(monitors.map((monitor) => monitor.tick()));
      expect(await said(pair, roomId)).toEqual([OPENED, REMINDED]);
      pair.b.services.instances.isFirst = () => true;
      await pair.b.monitor.tick();
      expect(await said(pair, roomId)).toEqual([OPENED, REMINDED, "Resolved: Calls fail"]);
      expect(await pair.b.services.status.rooms.list()).toEqual([]);
    },
    120_000,
  );

  it("tells nothing more in a room from which it was removed, and logs that", async () => {
    await using pair = await twoInstances();
    const { api } = pair.app.owner;
    const { id: roomId } = await api.rooms.create.mutate({ name: "Ops", kind: "private" });
    const { id } = await api.status.openIncident.mutate({ ...CALLS, roomId });
    await expect.poll(() => said(pair, roomId), { timeout: 20_000 }).toEqual([OPENED]);
    const userId = await pair.b.services.statusBot.ensure();
    await pair.client("b", pair.app.owner, "http").rooms.removeMember.mutate({ roomId, userId });
    await api.status.updateIncident.mutate({ id, state: "identified", text: "Found." });
    await expect.poll(() => pair.app.services.status.rooms.list(), { timeout: 20_000 }).toEqual([]);
    expect(await said(pair, roomId)).toEqual([OPENED]);
    const lines = [...pair.app.logs, ...pair.logs].filter((line) => line.includes("hears no more"));
    expect(lines).toHaveLength(1);
  }, 120_000);
});
