import { describe, expect, it } from "vitest";
import { SETTINGS_RATE } from "../../../shared/limits.ts";
import { DEFAULT_SETTINGS } from "../../../shared/notify/notification_settings.ts";
import { AccountKit, failure, failureCode } from "../../support/account_kit.ts";

describe("settings", () => {
  it("begin with defaults and keep what is not changed", async () => {
    await using kit = await AccountKit.open();
    const { api } = await kit.owner();
    expect(await api.settings.get()).toEqual(DEFAULT_SETTINGS);
    const quietHours = { from: "22:30", to: "07:00" };
    await api.settings.set({ timeZone: "Asia/Kolkata", quietHours });
    const changed = await api.settings.set({ level: "mentions", sound: false, previews: false });
    const expected = {
      ...DEFAULT_SETTINGS,
      timeZone: "Asia/Kolkata",
      quietHours,
      level: "mentions",
    } as const;
    expect(changed).toEqual({ ...expected, sound: false, previews: false });
    expect(await api.settings.get()).toEqual(changed);
    expect((await api.settings.set({ quietHours: null })).quietHours).toBe(null);
  });

  it("are one person's own, on all devices", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const ben = await kit.member(owner, "Ben");
    await Promise.all([ben.api.settings.set({ sound: false }), ben.api.settings.set({ enterSends: false })]);
    const expected = { ...DEFAULT_SETTINGS, sound: false, enterSends: false };
    expect(await ben.api.settings.get()).toEqual(expected);
    const phone = kit.browser();
    await phone.api.auth.signIn({ name: "Ben", password: "nine blue kettles" });
    expect(await phone.api.settings.get()).toEqual(expected);
    expect(await owner.api.settings.get()).toEqual(DEFAULT_SETTINGS);
    expect(await failureCode(kit.browser().api.settings.get())).toBe("unauthenticated");
  });

  it("refuse what is no zone, no time, or unknown", async () => {
    await using kit = await AccountKit.open();
    const { api } = await kit.owner();
    const refused: readonly (readonly [unknown, string])[] = [
      [{ timeZone: "Mars/Olympus" }, "timeZone"],
      [{ timeZone: "+05:30" }, "timeZone"],
      [{ timeZone: null }, "timeZone"],
      [{ quietHours: { from: "24:00", to: "07:00" } }, "quietHours.from"],
      [{ quietHours: { from: "22:00", to: "7:00" } }, "quietHours.to"],
      [{ quietHours: { from: "22:00", to: "22:00" } }, "quietHours"],
      [{ quietHours: { from: "22:00" } }, "quietHours.to"],
      [{ quietHours: { from: "22:00", to: "07:00", days: [1] } }, "quietHours.days"],
      [{ level: "some" }, "level"],
      [{ sound: 1 }, "sound"],
      [{ theme: "dark" }, "theme"],
    ];
    for (const [input, path] of refused) {
      const error = await failure(api.settings.set(input as never));
      expect([error?.appCode, error?.issues]).toMatchObject(["invalid_input", [{ path }]]);
    }
    expect(await api.settings.get()).toEqual(DEFAULT_SETTINGS);
  });

  it("are limited in how often they change", async () => {
    await using kit = await AccountKit.open();
    const { api } = await kit.owner();
    for (let index = 0; index < SETTINGS_RATE.burst; index++) {
      await api.settings.set({ sound: index % 2 === 0 });
    }
    expect(await failureCode(api.settings.set({ sound: true }))).toBe("rate_limited");
  });

  it("give their level to rooms without one of their own", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const [quiet, loud] = [await kit.room(owner, "Quiet"), await kit.room(owner, "Loud")];
    const { api } = owner;
    const levels = async () => {
      const rooms = await api.rooms.list();
      return [quiet, loud].map((roomId) => {
        const { level, ownLevel } = rooms.find(({ id }) => id === roomId) ?? {};
        return [level, ownLevel];
      });
    };
    await api.rooms.setLevel({ roomId: loud, level: "all" });
    expect(await levels()).toEqual([["all", null], ["all", "all"]]);
    await api.settings.set({ level: "mentions" });
    expect(await levels()).toEqual([["mentions", null], ["all", "all"]]);
    await api.rooms.setLevel({ roomId: quiet, level: "none", mutedUntil: "2030-02-01T00:00:00Z" });
    await api.rooms.setLevel({ roomId: loud, level: null });
    expect(await levels()).toEqual([["none", "none"], ["mentions", null]]);
  });

  it("go with the account, and do not come back", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const ben = await kit.member(owner, "Ben");
    await ben.api.settings.set({ timeZone: "Europe/Berlin" });
    await owner.api.users.deactivate({ userId: ben.me.id });
    const { settings } = kit.services;
    expect(await failureCode(settings.change(ben.me.id, { sound: false }))).toBe("unauthenticated");
    expect(await settings.get(ben.me.id)).toEqual(DEFAULT_SETTINGS);
  });
});
