import { describe, expect, it } from "vitest";
import { DEFAULT_SETTINGS } from "../../../shared/notify/notification_settings.ts";
import type { PersonSettings } from "../../../shared/notify/notification_settings.ts";
import type { Client } from "../../support/test_clients.ts";
import { testApp } from "../../support/test_app.ts";
import { waitFor } from "../../support/wait.ts";

const TIMEOUT_MS = 30_000;

/** What a device hears through a subscription of its own, and along with the rooms. */
function listen(client: Client) {
  const own: PersonSettings[] = [];
  const along: unknown[] = [];
  const subscriptions = [
    client.settings.onChange.subscribe(undefined, { onData: (settings) => void own.push(settings) }),
    client.rooms.onChange.subscribe({ also: ["settings"] }, {
      onData: (change) => {
        if (change.type === "settings") along.push(change.update);
      },
    }),
  ];
  const hears = (count: number) =>
    waitFor(() => own.length >= count && along.length >= count, { timeoutMs: TIMEOUT_MS });
  return { own, along, hears, stop: () => subscriptions.forEach((one) => one.unsubscribe()) };
}

describe("settings that change on one device", () => {
  for (const transport of ["ws", "sse"] as const) {
    it(`reach the person's others and nobody else, over ${transport}`, async () => {
      await using app = await testApp();
      const ben = await app.person("Ben");
      const phone = listen(app.clientFor(app.owner, transport));
      const bens = listen(app.clientFor(ben, transport));
      await Promise.all([phone.hears(1), bens.hears(1)]);
      const first = await app.owner.api.settings.set.mutate({ previews: false });
      await phone.hears(2);
      const second = await app.owner.api.settings.set.mutate({
        quietHours: { from: "22:00", to: "07:00" },
        sound: false,
      });
      await phone.hears(3);
      expect(phone.own).toEqual([DEFAULT_SETTINGS, first, second]);
      expect(phone.along).toEqual(phone.own);
      const bensOwn = await ben.api.settings.set.mutate({ level: "none" });
      await bens.hears(2);
      expect(bens.own).toEqual([DEFAULT_SETTINGS, bensOwn]);
      expect([phone.own.length, bens.along.length]).toEqual([3, 2]);
      phone.stop();
      bens.stop();
    });
  }

  it("end in the last state, however quickly they change", async () => {
    await using app = await testApp();
    const phone = listen(app.clientFor(app.owner, "ws"));
    await phone.hears(1);
    const changes = Array.from(
      { length: 20 },
      (_, index) =>
        app.owner.api.settings.set.mutate({ sound: index % 2 === 0, enterSends: index % 3 === 0 }),
    );
    await Promise.all(changes);
    const stored = await app.owner.api.settings.get.query();
    await waitFor(() => JSON.stringify(phone.own.at(-1)) === JSON.stringify(stored), {
      timeoutMs: TIMEOUT_MS,
    });
    phone.stop();
  });
});
