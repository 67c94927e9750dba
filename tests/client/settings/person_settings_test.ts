import { describe, expect, it } from "vitest";
import { PersonSettingsModel } from "../../../client/settings/person_settings_model.ts";
import { SETTINGS_RATE } from "../../../shared/limits.ts";
import { DEFAULT_SETTINGS } from "../../../shared/notify/notification_settings.ts";
import { testApp } from "../../support/test_app.ts";

describe("PersonSettingsModel", () => {
  it("shows changes at once, stores them, and takes back what was refused", async () => {
    await using app = await testApp();
    const failures: string[] = [];
    const { settings } = app.owner.device.client("ws");
    const model = new PersonSettingsModel({ api: settings, onFailure: (text) => failures.push(text) });
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
});
