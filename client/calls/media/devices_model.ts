import { batch, computed, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { CallPreferences, DeviceChoice } from "./call_preferences.ts";
import { queryPermission } from "./device_permission.ts";
import type { DeviceKind } from "./device_permission.ts";

/** A microphone, a camera or a loudspeaker. */
export interface Device extends DeviceChoice {
  /** The same for the parts of a headset. */
  readonly groupId: string;
}

/** The devices that the browser names; empty lists without permission. */
export interface DeviceLists {
  readonly mics: readonly Device[];
  readonly cams: readonly Device[];
  readonly speakers: readonly Device[];
}

/** A headset or a microphone that was plugged in. */
export interface DeviceOffer {
  readonly mic: Device;
  /** The loudspeaker of the same headset, where the browser lets one choose. */
  readonly speaker: Device | null;
}

/** The device to ask for. */
export interface WantedDevice {
  /** Null for the default. */
  readonly id: string | null;
  readonly label: string | null;
}

/** What the browser says about permissions; null if it does not say. */
export type Permissions = { readonly [Kind in DeviceKind]: PermissionState | null };

const NO_DEVICES: DeviceLists = { mics: [], cams: [], speakers: [] };
/** Chromium lists the present default once more under these ids. */
const ALIASES = new Set(["default", "communications"]);

/** Devices of this computer, and which of them the person has chosen. Nothing is ever taken unasked. */
export class DevicesModel implements Disposable {
  readonly #lists = signal<DeviceLists>(NO_DEVICES);
  readonly #offer = signal<DeviceOffer | null>(null);
  readonly #permissions = signal<Permissions>({ mic: null, cam: null });
  readonly #stop = new AbortController();

  readonly preferences: CallPreferences;
  readonly lists: ReadonlySignal<DeviceLists> = this.#lists;
  /** A headset that was plugged in just now. */
  readonly offer: ReadonlySignal<DeviceOffer | null> = this.#offer;
  readonly permissions: ReadonlySignal<Permissions> = this.#permissions;
  /** Whether sound can be sent to a chosen loudspeaker. */
  readonly canChooseSpeaker: boolean = "setSinkId" in HTMLMediaElement.prototype;
  /** Whether the browser itself asks for the loudspeaker, as Firefox does, instead of listing them. */
  readonly canAskForSpeaker: boolean = "selectAudioOutput" in (navigator.mediaDevices ?? {});
  /** Whether this is a phone with cameras on both sides. */
  readonly canFlip: ReadonlySignal<boolean> = computed(() =>
    this.#lists.value.cams.length > 1 && matchMedia("(pointer: coarse)").matches
  );

  /** Lists the devices, and again whenever they change. */
  constructor(preferences: CallPreferences) {
    this.preferences = preferences;
    const { signal } = this.#stop;
    navigator.mediaDevices?.addEventListener("devicechange", () => void this.#change(), { signal });
    for (const kind of ["mic", "cam"] as const) void this.#followPermission(kind);
    void this.refresh();
  }

  /** Lists the devices again. Call it after a capture, as browsers keep labels back before. */
  async refresh(): Promise<void> {
    const all = await navigator.mediaDevices?.enumerateDevices().catch(() => []) ?? [];
    const lists = sortDevices(all);
    const isSame = JSON.stringify(lists) === JSON.stringify(this.#lists.peek());
    if (!isSame && !this.#stop.signal.aborted) this.#lists.value = lists;
  }

  /** Chooses a device, or the default; it is remembered. */
  choose(kind: DeviceKind | "speaker", device: DeviceChoice | null): void {
    const choice = device && { id: device.id, label: device.label };
    this.preferences.set({ [kind]: choice });
  }

  /** Has the browser ask for a loudspeaker; false if the person chose none. */
  async askForSpeaker(): Promise<boolean> {
    try {
      const devices = navigator.mediaDevices as MediaDevices & {
        readonly selectAudioOutput?: () => Promise<MediaDeviceInfo>;
      };
      const chosen = await devices.selectAudioOutput?.();
      if (chosen === undefined) return false;
      this.choose("speaker", { id: chosen.deviceId, label: chosen.label });
      return true;
    } catch {
      return false;
    }
  }

  /** Changes between the front and the back camera of a phone. */
  flip(): void {
    const { facing } = this.preferences.settings.peek();
    this.preferences.set({ cam: null, facing: facing === "user" ? "environment" : "user" });
  }

  /** Takes the headset that was plugged in. */
  acceptOffer(): void {
    const offer = this.#offer.peek();
    if (offer === null) return;
    this.#offer.value = null;
    batch(() => {
      this.choose("mic", offer.mic);
      if (offer.speaker !== null) this.choose("speaker", offer.speaker);
    });
  }

  /** Stays with what is in use. */
  dismissOffer(): void {
    this.#offer.value = null;
  }

  /**
   * The device to ask for: the chosen one by its id, or by its label, as ids change. A chosen microphone that is not
   * there is replaced by the default, a chosen camera by none: nobody is shown by a camera that they did not choose.
   */
  wanted(kind: DeviceKind): WantedDevice {
    const choice = this.preferences.settings.peek()[kind];
    if (choice === null) return { id: null, label: null };
    const devices = kind === "mic" ? this.#lists.peek().mics : this.#lists.peek().cams;
    const found = findDevice(devices, choice);
    if (found !== undefined) return found;
    const isUnknown = devices.length === 0;
    return kind === "mic" && !isUnknown ? { id: null, label: null } : choice;
  }

  /** The loudspeaker to use: "" for the default. */
  wantedSpeaker(): string {
    const { speaker } = this.preferences.settings.value;
    if (speaker === null || !this.canChooseSpeaker) return "";
    return findDevice(this.#lists.value.speakers, speaker)?.id ?? (this.canAskForSpeaker ? speaker.id : "");
  }

  /** Stops following the devices. */
  [Symbol.dispose](): void {
    this.#stop.abort();
  }

  async #change(): Promise<void> {
    const before = this.#lists.peek();
    await this.refresh();
    const now = this.#lists.peek();
    const offer = this.#offer.peek();
    if (offer !== null && !hasDevice(now.mics, offer.mic)) this.#offer.value = null;
    // Without labels, or when they appear for the first time, it is not known what is new.
    if (before.mics.length === 0) return;
    const mic = now.mics.find((one) => !hasDevice(before.mics, one));
    if (mic === undefined) return;
    const speaker = now.speakers.find((one) => one.groupId !== "" && one.groupId === mic.groupId);
    this.#offer.value = { mic, speaker: this.canChooseSpeaker ? speaker ?? null : null };
  }

  async #followPermission(kind: DeviceKind): Promise<void> {
    const status = await queryPermission(kind);
    if (status === null || this.#stop.signal.aborted) return;
    const follow = () => this.#permissions.value = { ...this.#permissions.peek(), [kind]: status.state };
    follow();
    status.addEventListener("change", follow, { signal: this.#stop.signal });
  }
}

function sortDevices(all: readonly MediaDeviceInfo[]): DeviceLists {
  const listOf = (kind: MediaDeviceKind) =>
    all
      .filter((one) =>
        one.kind === kind && one.deviceId !== "" && one.label !== "" && !ALIASES.has(one.deviceId)
      )
      .map(({ deviceId, label, groupId }) => ({ id: deviceId, label, groupId }));
  return { mics: listOf("audioinput"), cams: listOf("videoinput"), speakers: listOf("audiooutput") };
}

function findDevice(devices: readonly Device[], choice: DeviceChoice): Device | undefined {
  return devices.find(({ id }) => id === choice.id) ?? devices.find(({ label }) => label === choice.label);
}

function hasDevice(devices: readonly Device[], device: Device): boolean {
  return devices.some(({ id }) => id === device.id);
}
