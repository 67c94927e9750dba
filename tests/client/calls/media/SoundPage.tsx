import { computed, signal } from "@preact/signals";
import { render } from "preact";
import type { RemotePeer } from "../../../../client/calls/call_parts.ts";
import { CallKeys } from "../../../../client/calls/media/call_keys.ts";
import { CallPreferences } from "../../../../client/calls/media/call_preferences.ts";
import { DevicesModel } from "../../../../client/calls/media/devices_model.ts";
import { LevelMeter } from "../../../../client/calls/media/level_meter.ts";
import { LocalMedia } from "../../../../client/calls/media/local_media.ts";
import { PictureInPicture } from "../../../../client/calls/media/picture_in_picture.ts";
import { pictureOpener } from "../../../../client/calls/media/picture_window.ts";
import { RemoteSound } from "../../../../client/calls/media/remote_sound.ts";
import { SoundContext } from "../../../../client/calls/media/sound_context.ts";
import { Tones } from "../../../../client/calls/media/tones.ts";
import { WakeLock } from "../../../../client/calls/media/wake_lock.ts";
import { newId } from "../../../../shared/ids.ts";
import type { ParticipantId } from "../../../../shared/ids.ts";
import { makePeer, openLoopbackPeer } from "./loopback_peer.ts";

/** What is heard of others and of the call itself. Run in a browser by remote_sound_test.ts and its neighbours. */
const preferences = new CallPreferences(localStorage);
const devices = new DevicesModel(preferences);
const isInCall = signal(false);
const own = newId<ParticipantId>();
const peers = signal<ReadonlyMap<ParticipantId, RemotePeer>>(new Map());
const local = new LocalMedia({ devices, isInCall, onFailed: () => {}, onEnded: () => {} });
const sounds = new SoundContext();
const remote = new RemoteSound({ peers, devices, sounds });
const meter = new LevelMeter({ sounds, local, peers, own: computed(() => own) });
const tones = new Tones({ sounds, devices });
const acts: string[] = [];
const keys = new CallKeys({
  preferences,
  isInCall,
  onKey: (key) => void acts.push(key),
  onTalk: (isTalking) => void acts.push(isTalking ? "talk" : "silence"),
});
const wakeLock = new WakeLock(isInCall);
const pip = new PictureInPicture();

/** Everything that tests call. */
const parts = {
  preferences,
  devices,
  isInCall,
  own,
  peers,
  local,
  sounds,
  remote,
  meter,
  tones,
  acts,
  keys,
  wakeLock,
  pip,
  pictureOpener,
  makePeer,
  openLoopbackPeer,
};
export type SoundParts = typeof parts;
Object.assign(globalThis, { parts });

const place = document.getElementById("app");
if (place !== null) {
  render(
    <>
      <h1>Sounds</h1>
      <button type="button">Something</button>
      <input aria-label="Text" />
      <video muted playsinline />
    </>,
    place,
  );
}
