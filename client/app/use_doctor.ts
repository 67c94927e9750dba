import { useEffect, useMemo } from "preact/hooks";
import { DoctorModel } from "../calls/doctor/doctor_model.ts";
import type { Chat } from "./chat.ts";

/** Returns a call doctor that lasts as long as the view; `chat` is null for somebody who is signed out. */
export function useDoctor(chat: Chat | null): DoctorModel {
  const model = useMemo(
    () =>
      new DoctorModel({
        api: chat?.trpc.calls ?? null,
        callId: null,
        tracks: () => null,
        devices: () => ({ mic: null, cam: null, speaker: null }),
      }),
    [chat],
  );
  useEffect(() => () => model[Symbol.dispose](), [model]);
  return model;
}
