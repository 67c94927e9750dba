import { batch, computed, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { ScreenMode } from "../../../shared/call/media_plan.ts";
import type { UserId } from "../../../shared/ids.ts";
import { isId } from "../../../shared/ids.ts";

/** Where preferences are stored, such as `localStorage`. */
export type CallStorage = Pick<Storage, "getItem" | "setItem">;

/** A device that was chosen. Ids change when site data is deleted, and labels are unknown without permission. */
export interface DeviceChoice {
  readonly id: string;
  readonly label: string;
}

/** Which of the cameras of a phone. */
export type CameraFacing = "user" | "environment";

/** How this device takes part in calls. */
export interface CallSettings {
  /** Null for the browser's default. */
  readonly mic: DeviceChoice | null;
  readonly cam: DeviceChoice | null;
  readonly speaker: DeviceChoice | null;
  /** Of the camera, if none was chosen by name. */
  readonly facing: CameraFacing;
  readonly suppressesNoise: boolean;
  readonly cancelsEcho: boolean;
  readonly controlsGain: boolean;
  /** No address of this device is shown to others; media takes the way through a relay. */
  readonly isRelayOnly: boolean;
  /** Whether M, V, S and H act in a call. */
  readonly hasSingleKeys: boolean;
  /** Whether a sound tells who joins and leaves. */
  readonly hasChimes: boolean;
  readonly isPushToTalk: boolean;
  /** Whether a muted microphone is still listened to on this device, to notice that one talks while muted. */
  readonly warnsWhenMuted: boolean;
  readonly screenMode: ScreenMode;
  readonly joinsMuted: boolean;
  /** Joins without any device. */
  readonly listensOnly: boolean;
}

/** The settings before anybody has changed them. */
export const DEFAULT_CALL_SETTINGS: CallSettings = {
  mic: null,
  cam: null,
  speaker: null,
  facing: "user",
  suppressesNoise: true,
  cancelsEcho: true,
  controlsGain: true,
  isRelayOnly: false,
  hasSingleKeys: true,
  hasChimes: true,
  isPushToTalk: false,
  warnsWhenMuted: true,
  screenMode: "detail",
  joinsMuted: false,
  listensOnly: false,
};

/** The key of the preferences in the storage. */
export const CALL_PREFERENCES_KEY = "parley.calls";
/** The people whose volume was changed last; others are forgotten. */
export const VOLUMES_MAX_COUNT = 200;

/** Preferences for calls, stored on this device and shared by all its tabs. */
export class CallPreferences {
  readonly #storage: CallStorage | null;
  readonly #settings = signal<CallSettings>(DEFAULT_CALL_SETTINGS);
  readonly #volumes = signal<ReadonlyMap<UserId, number>>(new Map());

  readonly settings: ReadonlySignal<CallSettings> = this.#settings;
  /** By person, from 0 to 1; people who are not in it have 1. */
  readonly volumes: ReadonlySignal<ReadonlyMap<UserId, number>> = this.#volumes;

  /**
   * Reads the stored preferences; `storage` is null if the browser stores nothing. Its changes by other tabs are told by
   * the `storage` events of `page`, as long as that lives.
   */
  constructor(storage: CallStorage | null, page: Pick<EventTarget, "addEventListener"> | null = null) {
    this.#storage = storage;
    this.#read();
    page?.addEventListener("storage", (event) => {
      const key = "key" in event ? event.key : null;
      if (key === null || key === CALL_PREFERENCES_KEY) this.#read();
    });
  }

  /** Changes some settings and stores them. */
  set(change: Partial<CallSettings>): void {
    this.#settings.value = { ...this.#settings.peek(), ...change };
    this.#store(({ settings, volumes }) => ({ settings: { ...settings, ...change }, volumes }));
  }

  /** Returns a part of the settings, which changes only when this part does. */
  pick<Key extends keyof CallSettings>(key: Key): ReadonlySignal<CallSettings[Key]> {
    return computed(() => this.#settings.value[key]);
  }

  /** How loud a person is, from 0 to 1. */
  volumeOf(userId: UserId): number {
    return this.#volumes.value.get(userId) ?? 1;
  }

  /** Sets how loud a person is, from 0 to 1. */
  setVolume(userId: UserId, volume: number): void {
    this.#volumes.value = withVolume(this.#volumes.peek(), userId, volume);
    this.#store(({ settings, volumes }) => ({ settings, volumes: withVolume(volumes, userId, volume) }));
  }

  #read(): void {
    const { settings, volumes } = readStored(this.#storage);
    batch(() => {
      this.#settings.value = keepSame(this.#settings.peek(), { ...DEFAULT_CALL_SETTINGS, ...settings });
      this.#volumes.value = volumes;
    });
  }

  /** Changes what is stored. Another tab may have changed something else that this one has not been told yet. */
  #store(change: (stored: Stored) => Stored): void {
    try {
      const { settings, volumes } = change(readStored(this.#storage));
      this.#storage?.setItem(CALL_PREFERENCES_KEY, JSON.stringify({ ...settings, volumes: [...volumes] }));
    } catch {
      // The storage is full or forbidden: the choice lasts until the page is closed.
    }
  }
}

interface Stored {
  readonly settings: Partial<CallSettings>;
  readonly volumes: ReadonlyMap<UserId, number>;
}

function withVolume(
  before: ReadonlyMap<UserId, number>,
  userId: UserId,
  volume: number,
): ReadonlyMap<UserId, number> {
  const volumes = new Map(before);
  volumes.delete(userId);
  if (volume < 1) volumes.set(userId, Math.max(0, volume));
  const overdue = [...volumes.keys()].slice(0, Math.max(0, volumes.size - VOLUMES_MAX_COUNT));
  for (const oldest of overdue) volumes.delete(oldest);
  return volumes;
}

/** Keeps the objects of devices that are still chosen, as a new object would mean that another one was chosen. */
function keepSame(before: CallSettings, now: CallSettings): CallSettings {
  const keep = (kind: "mic" | "cam" | "speaker") =>
    before[kind]?.id === now[kind]?.id && before[kind]?.label === now[kind]?.label ? before[kind] : now[kind];
  return { ...now, mic: keep("mic"), cam: keep("cam"), speaker: keep("speaker") };
}

function readStored(storage: CallStorage | null): Stored {
  let kept: unknown;
  try {
    kept = JSON.parse(storage?.getItem(CALL_PREFERENCES_KEY) ?? "null");
  } catch {
    kept = null;
  }
  if (typeof kept !== "object" || kept === null) return { settings: {}, volumes: new Map() };
  const known = Object.entries(kept).filter(([key, value]) => isSetting(key, value));
  const volumes: unknown = "volumes" in kept ? kept.volumes : null;
  return {
    settings: Object.fromEntries(known),
    volumes: new Map(Array.isArray(volumes) ? volumes.filter(isVolume) : []),
  };
}

/** The values of a setting that is neither a switch nor a device. */
const WORDS: { readonly [key: string]: readonly unknown[] } = {
  facing: ["user", "environment"] satisfies CameraFacing[],
  screenMode: ["detail", "motion"] satisfies ScreenMode[],
};

function isSetting(key: string, value: unknown): boolean {
  if (!Object.hasOwn(DEFAULT_CALL_SETTINGS, key)) return false;
  if (Object.hasOwn(WORDS, key)) return WORDS[key]?.includes(value) === true;
  const isDevice = key === "mic" || key === "cam" || key === "speaker";
  return isDevice ? value === null || isChoice(value) : typeof value === "boolean";
}

function isChoice(value: unknown): value is DeviceChoice {
  if (typeof value !== "object" || value === null) return false;
  return "id" in value && typeof value.id === "string" && "label" in value && typeof value.label === "string";
}

function isVolume(entry: unknown): entry is [UserId, number] {
  if (!Array.isArray(entry) || entry.length !== 2) return false;
  const [userId, volume] = entry;
  return typeof userId === "string" && isId(userId) && typeof volume === "number" && volume >= 0 &&
    volume <= 1;
}
