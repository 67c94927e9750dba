import { describe, expect, it } from "vitest";
import {
  CALL_PREFERENCES_KEY,
  CallPreferences,
  DEFAULT_CALL_SETTINGS,
  VOLUMES_MAX_COUNT,
} from "../../../../client/calls/media/call_preferences.ts";
import { newId } from "../../../../shared/ids.ts";
import type { UserId } from "../../../../shared/ids.ts";

class Storage {
  readonly items = new Map<string, string>();
  getItem(key: string): string | null {
    return this.items.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.items.set(key, value);
  }
}

const userId = () => newId<UserId>();

/** Two tabs of one browser: what one writes is announced to the other. */
function openTabs(storage = new Storage()) {
  const pages = [new EventTarget(), new EventTarget()] as const;
  const preferencesOf = (own: 0 | 1) =>
    new CallPreferences({
      getItem: (key) => storage.getItem(key),
      setItem(key, value) {
        storage.setItem(key, value);
        pages[own === 0 ? 1 : 0].dispatchEvent(Object.assign(new Event("storage"), { key }));
      },
    }, pages[own]);
  return { storage, pages, one: preferencesOf(0), other: preferencesOf(1) };
}

describe("preferences of calls", () => {
  it("are there again after a reload", () => {
    const storage = new Storage();
    const before = new CallPreferences(storage);
    const ana = userId();
    before.set({ mic: { id: "m1", label: "Headset" }, suppressesNoise: false, screenMode: "motion" });
    before.setVolume(ana, 0.4);
    const after = new CallPreferences(storage);
    expect(after.settings.value).toEqual({
      ...DEFAULT_CALL_SETTINGS,
      mic: { id: "m1", label: "Headset" },
      suppressesNoise: false,
      screenMode: "motion",
    });
    expect(after.volumeOf(ana)).toBe(0.4);
    expect(after.volumeOf(userId())).toBe(1);
  });

  it("ignore what somebody else has stored", () => {
    const storage = new Storage();
    storage.setItem(
      CALL_PREFERENCES_KEY,
      JSON.stringify({
        mic: "m1",
        cam: { id: 1, label: "x" },
        facing: "up",
        cancelsEcho: "no",
        hasChimes: false,
        unknown: true,
        volumes: [["nobody", 0.5], [userId(), 7], "x"],
      }),
    );
    const preferences = new CallPreferences(storage);
    expect(preferences.settings.value).toEqual({ ...DEFAULT_CALL_SETTINGS, hasChimes: false });
    expect(preferences.volumes.value.size).toBe(0);
    storage.setItem(CALL_PREFERENCES_KEY, "{");
    expect(new CallPreferences(storage).settings.value).toEqual(DEFAULT_CALL_SETTINGS);
  });

  it("work without a storage, and with one that is full", () => {
    const full = {
      getItem: () => null,
      setItem: () => raise(new DOMException("Full", "QuotaExceededError")),
    };
    for (const storage of [null, full]) {
      const preferences = new CallPreferences(storage);
      preferences.set({ isPushToTalk: true });
      expect(preferences.settings.value.isPushToTalk).toBe(true);
    }
  });

  it("are those of all tabs", () => {
    const { one, other, pages, storage } = openTabs();
    const [ana, bo] = [userId(), userId()];
    one.set({ isRelayOnly: true });
    one.setVolume(ana, 0.4);
    expect(other.settings.value.isRelayOnly).toBe(true);
    expect(other.volumeOf(ana)).toBe(0.4);
    other.set({ isPushToTalk: true });
    other.setVolume(bo, 0.5);
    expect(one.settings.value).toEqual({ ...DEFAULT_CALL_SETTINGS, isRelayOnly: true, isPushToTalk: true });
    expect([ana, bo].map((id) => one.volumeOf(id))).toEqual([0.4, 0.5]);
    // Site data was deleted in another tab.
    storage.items.clear();
    pages[0].dispatchEvent(Object.assign(new Event("storage"), { key: null }));
    expect(one.settings.value).toEqual(DEFAULT_CALL_SETTINGS);
    expect(one.volumes.value.size).toBe(0);
  });

  it("overwrite nothing that another tab has changed meanwhile", () => {
    const storage = new Storage();
    const [one, deaf] = [new CallPreferences(storage), new CallPreferences(storage)];
    const [ana, bo] = [userId(), userId()];
    one.set({ isRelayOnly: true });
    one.setVolume(ana, 0.4);
    deaf.set({ hasChimes: false });
    deaf.setVolume(bo, 0.5);
    const stored = new CallPreferences(storage);
    expect(stored.settings.value).toEqual({ ...DEFAULT_CALL_SETTINGS, isRelayOnly: true, hasChimes: false });
    expect([ana, bo].map((id) => stored.volumeOf(id))).toEqual([0.4, 0.5]);
  });

  it("are told once when another tab changes one of them", () => {
    const { one, other } = openTabs();
    other.set({ mic: { id: "m1", label: "Headset" } });
    const seen: unknown[] = [];
    const stop = one.pick("mic").subscribe((mic) => void seen.push(mic));
    other.set({ hasChimes: false });
    stop();
    expect(seen).toHaveLength(1);
  });

  it("forget the volumes that were set longest ago", () => {
    const preferences = new CallPreferences(null);
    const people = Array.from({ length: VOLUMES_MAX_COUNT + 1 }, userId);
    for (const one of people.slice(0, -1)) preferences.setVolume(one, 0.5);
    const [first, second, last] = [people[0], people[1], people.at(-1)];
    if (first === undefined || second === undefined || last === undefined) throw new Error("Nobody is there");
    preferences.setVolume(first, 0.6);
    preferences.setVolume(last, 0.7);
    expect(preferences.volumes.value.size).toBe(VOLUMES_MAX_COUNT);
    expect([first, second, last].map((one) => preferences.volumeOf(one))).toEqual([0.6, 1, 0.7]);
    preferences.setVolume(first, 1);
    expect(preferences.volumes.value.has(first)).toBe(false);
  });

  it("tell only about the setting that one follows", () => {
    const preferences = new CallPreferences(null);
    const seen: unknown[] = [];
    const stop = preferences.pick("mic").subscribe((mic) => void seen.push(mic));
    preferences.set({ hasChimes: false });
    preferences.setVolume(userId(), 0.1);
    preferences.set({ mic: { id: "m1", label: "Headset" } });
    stop();
    expect(seen).toEqual([null, { id: "m1", label: "Headset" }]);
  });
});

function raise(error: Error): never {
  throw error;
}
