import { signal } from "@preact/signals";
import { describe, expect, it, vi } from "vitest";
import { PersonSettingsModel } from "../../../client/settings/person_settings_model.ts";
import { SETTINGS_RATE } from "../../../shared/limits.ts";
import { DEFAULT_SETTINGS } from "../../../shared/notify/notification_settings.ts";
import { netClient } from "../../support/net_client.ts";
import { testApp } from "../../support/test_app.ts";
import type { TestApp } from "../../support/test_app.ts";
import { waitFor } from "../../support/wait.ts";

const TIMEOUT_MS = 30_000;

/** The model of Ana's tab. */
function tabOf({ owner }: TestApp, { isSocket = true, isLookedAt = true } = {}) {
  const api = netClient(owner.device);
  api.connect();
  const failures: string[] = [];
  const [hasSocket, isAttentive] = [signal(isSocket), signal(isLookedAt)];
  const onFailure = (text: string) => void failures.push(text);
  const model = new PersonSettingsModel({ api: api.trpc.settings, hasSocket, isAttentive, onFailure });
  return { model, failures, hasSocket, isAttentive, [Symbol.dispose]: () => api[Symbol.dispose]() };
}

describe("PersonSettingsModel", () => {
  it("shows changes at once, stores them, and takes back what was refused", async () => {
    await using app = await testApp();
    const { settings } = app.owner.api;
    using tab = tabOf(app);
    const { model, failures } = tab;
    expect(model.all.value).toBe(null);
    await model.load();
    expect(model.all.value).toEqual(DEFAULT_SETTINGS);
    const changes = [model.set({ sound: false }), model.set({ level: "mentions" })];
    expect(model.all.value).toMatchObject({ sound: false, level: "mentions" });
    await Promise.all(changes);
    expect(await settings.get.query()).toMatchObject({ sound: false, level: "mentions" });
    // A clock that somebody set to a zone that the server does not know.
    await model.set({ timeZone: "Mars/Olympus" });
    expect([failures.length, model.all.value?.timeZone]).toEqual([1, null]);
    await settings.set.mutate({ previews: false });
    await model.load();
    expect(model.all.value).toMatchObject({ sound: false, previews: false });
    for (let count = 0; count < SETTINGS_RATE.burst; count++) await model.set({ sound: true });
    await model.set({ level: "none" });
    expect([failures.length > 1, model.all.value?.level]).toEqual([true, "mentions"]);
  });

  it("follows other devices on WebSocket, and asks nothing then", async () => {
    await using app = await testApp();
    using tab = tabOf(app);
    const { model, hasSocket } = tab;
    const stop = model.follow();
    await waitFor(() => model.all.value !== null, { timeoutMs: TIMEOUT_MS });
    await app.owner.api.settings.set.mutate({ quietHours: { from: "22:00", to: "07:00" } });
    await waitFor(() => model.all.value?.quietHours?.from === "22:00", { timeoutMs: TIMEOUT_MS });
    const load = vi.spyOn(model, "load");
    await model.refresh();
    expect(load).not.toHaveBeenCalled();
    // Without a socket, it may be outdated.
    hasSocket.value = false;
    await model.refresh();
    expect(load).toHaveBeenCalled();
    stop();
  });

  it("reads them without WebSocket when the user looks at the page, at most every 10 s", async () => {
    await using app = await testApp();
    using tab = tabOf(app, { isSocket: false, isLookedAt: false });
    const { model, isAttentive } = tab;
    const now = vi.spyOn(Date, "now").mockReturnValue(1_000_000);
    const stop = model.follow();
    expect(model.all.value).toBe(null);
    isAttentive.value = true;
    await waitFor(() => model.all.value !== null, { timeoutMs: TIMEOUT_MS });
    await app.owner.api.settings.set.mutate({ previews: false });
    now.mockReturnValue(1_009_000);
    await model.refresh();
    expect(model.all.value?.previews).toBe(true);
    now.mockReturnValue(1_010_000);
    await model.refresh();
    expect(model.all.value?.previews).toBe(false);
    now.mockRestore();
    stop();
  });
});
