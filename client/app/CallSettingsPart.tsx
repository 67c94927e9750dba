import "../base.ts";
import "../calls/base.ts";
import type { JSX } from "preact";
import { CallSettings } from "../calls/CallSettings.tsx";
import { Doctor } from "../calls/doctor/Doctor.tsx";
import { useSignedIn } from "./app_context.ts";
import { callPreferencesOf } from "./call_preferences_of.ts";
import { useDoctor } from "./use_doctor.ts";

/** The page of the settings for calls. */
export function CallSettingsPage(): JSX.Element {
  const context = useSignedIn();
  const { chat, calls } = context;
  const { devices, doctor } = useDoctor({
    chat,
    preferences: callPreferencesOf(chat.storage),
    call: () => calls.value.peek()?.openedCall(context) ?? null,
  });
  return (
    <>
      <h3>Calls</h3>
      <p class="page-lead">These settings apply to this device.</p>
      <CallSettings devices={devices} />
      <section class="page-part">
        <h4>Call doctor</h4>
        <Doctor model={doctor} />
      </section>
    </>
  );
}
