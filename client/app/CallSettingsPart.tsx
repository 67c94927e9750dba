import "../base.ts";
import type { JSX } from "preact";
import { Doctor } from "../calls/doctor/Doctor.tsx";
import { useSignedIn } from "./app_context.ts";
import { useDoctor } from "./use_doctor.ts";

/** The page of the settings for calls. */
export function CallSettingsPage(): JSX.Element {
  const { chat } = useSignedIn();
  const doctor = useDoctor(chat);
  return (
    <>
      <h3>Calls</h3>
      <p class="page-lead">Find out whether this device and this network are ready for calls.</p>
      <Doctor model={doctor} />
    </>
  );
}
