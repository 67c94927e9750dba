import { useEffect, useMemo } from "preact/hooks";
import { DoctorModel } from "../calls/doctor/doctor_model.ts";
import { DevicesModel } from "../calls/media/devices_model.ts";
import type { CallPreferences } from "../calls/media/call_preferences.ts";
import type { Chat } from "./chat.ts";

/** Options of `useDoctor`. */
export interface UseDoctorOptions {
  /** Null for somebody who is signed out. */
  readonly chat: Chat | null;
  readonly preferences: CallPreferences;
}

/** Returns a call doctor and the devices that it tests, which last as long as the view. */
export function useDoctor({ chat, preferences }: UseDoctorOptions) {
  const devices = useMemo(() => new DevicesModel(preferences), [preferences]);
  const doctor = useMemo(
    () =>
      new DoctorModel({
        api: chat?.trpc.calls ?? null,
        callId: null,
        tracks: () => null,
        devices: () => ({
          mic: devices.wanted("mic"),
          cam: devices.wanted("cam"),
          speaker: devices.wantedSpeaker() || null,
        }),
      }),
    [chat, devices],
  );
  useEffect(() => () => devices[Symbol.dispose](), [devices]);
  useEffect(() => () => doctor[Symbol.dispose](), [doctor]);
  const { microphone, camera } = doctor.findings.value;
  // Browsers name devices after the first capture.
  useEffect(() => void devices.refresh(), [devices, microphone, camera]);
  return { devices, doctor } as const;
}
