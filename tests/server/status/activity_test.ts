import { describe, expect, it } from "vitest";
import { DAY_MS } from "../../../shared/status/uptime.ts";
import { testApp } from "../../support/test_app.ts";
import type { TestApp } from "../../support/test_app.ts";
import { html } from "./page_kit.ts";

const NOW = Date.parse("2030-01-31T12:00:00.000Z");

/** A round of probes, a minute after the last one. */
async function minute(app: TestApp, clock: { now: number }): Promise<void> {
  clock.now += 61_000;
  await app.server.monitor.tick();
}

describe("activity on the status page", () => {
  it("is shown only when an owner wants it, in rough counts, at most once a minute", async () => {
    const clock = { now: NOW };
    await using app = await testApp({ now: () => clock.now, file: true });
    const activity = () => app.services.status.board.metrics.activity;
    const { id: roomId } = await app.owner.api.rooms.create.mutate({ name: "Tea", kind: "public" });
    const say = (text: string) =>
      app.owner.api.messages.send.mutate({ roomId, clientMessageId: crypto.randomUUID(), text });
    for (let count = 0; count < 4; count++) await say(`${count}`);
    await minute(app, clock);
    expect(activity()).toBeUndefined();
    const adam = await app.person("Adam", { role: "admin" });
    await expect(adam.api.workspace.update.mutate({ showsActivity: true })).rejects.toMatchObject({
      data: { appCode: "not_allowed" },
    });
    await app.owner.api.workspace.update.mutate({ showsActivity: true });
    expect(activity()).toEqual({ online: "fewer than 5", messagesToday: "fewer than 5" });
    for (let count = 0; count < 3; count++) await say(`again ${count}`);
    clock.now += 20_000;
    await app.server.monitor.tick();
    expect(activity()?.messagesToday).toBe("fewer than 5");
    await minute(app, clock);
    expect(activity()?.messagesToday).toBe(7);
    const page = await (await html(app)).text();
    expect(page).toContain("<dt>people online</dt><dd>fewer than 5</dd>");
    expect(page).toContain("<dt>messages today (UTC)</dt><dd>7</dd>");
    await app.restart();
    await minute(app, clock);
    expect(activity()?.messagesToday).toBe(7);
    clock.now += DAY_MS;
    await minute(app, clock);
    expect(activity()?.messagesToday).toBe("fewer than 5");
    await app.owner.api.workspace.update.mutate({ showsActivity: false });
    expect(activity()).toBeUndefined();
    expect(await app.owner.api.workspace.get.query()).toEqual({ name: "Parley", membersMayInvite: false });
  }, 30_000);
});
