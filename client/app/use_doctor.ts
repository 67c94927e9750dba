import { useEffect, useMemo } from "preact/hooks";
import { DoctorModel } from "../calls/doctor/doctor_model.ts";
import type { DoctorCall } from "../calls/doctor/doctor_model.ts";
import { DevicesModel } from "../calls/media/devices_model.ts";
import { SoundContext } from "../calls/media/sound_context.ts";
import { Tones } from "../calls/media/tones.ts";
import type { CallPreferences } from "../calls/media/call_preferences.ts";
import type { Chat } from "./chat.ts";
import type { OpenCall } from "./open_call.ts";

/** Options of `useDoctor`. */
export interface UseDoctorOptions {
  /** Null for somebody who is signed out. */
  readonly chat: Chat | null;
  readonly preferences: CallPreferences;
  /** The call of this tab, if there is one. */
  readonly call?: () => OpenCall | null;
}

/** Returns a call doctor and the devices that it tests, which last as long as the view. */
export function useDoctor({ chat, preferences, call }: UseDoctorOptions) {
  const devices = useMemo(() => new DevicesModel(preferences), [preferences]);
  const sounds = useMemo(() => new SoundContext(), []);
  const tones = useMemo(() => new Tones({ sounds, devices }), [sounds, devices]);
  const doctor = useMemo(
    () =>
      new DoctorModel({
        api: chat?.trpc.calls ?? null,
        call: () => readCall(call?.() ?? null),
        devices: () => ({
          mic: devices.wanted("mic"),
          cam: devices.wanted("cam"),
        }),
        sounds,
        tones,
        showTitle: titleOver(document),
      }),
    [chat, devices, sounds, tones],
  );
  useEffect(() => () => devices[Symbol.dispose](), [devices]);
  useEffect(() => () => tones[Symbol.dispose](), [tones]);
  useEffect(() => () => sounds[Symbol.dispose](), [sounds]);
  useEffect(() => () => doctor[Symbol.dispose](), [doctor]);
  const { microphone, camera } = doctor.findings.value;
  // Browsers name devices after the first capture.
  useEffect(() => void devices.refresh(), [devices, microphone, camera]);
  return { devices, doctor } as const;
}

function readCall(call: OpenCall | null): DoctorCall | null {
  const session = call?.session.peek() ?? null;
  if (call === null || session === null || session.own === null || session.callId === null) return null;
  return { callId: session.callId, tracks: call.local.tracks.peek() };
}

/** Shows a title in place of the page's; null shows that again. */
function titleOver(page: { title: string }): (text: string | null) => void {
  let before: string | null = null;
  return (text) => {
    if (text !== null) {
      before ??= page.title;
      page.title = text;
    } else if (before !== null) {
      page.title = before;
      before = null;
    }
  };
}
