import "../base.ts";
import "../calls/base.ts";
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { Doctor } from "../calls/doctor/Doctor.tsx";
import { Sheet } from "../session/Sheet.tsx";
import type { AppModel } from "./app_model.ts";
import { callPreferencesOf } from "./call_preferences_of.ts";
import type { Chat } from "./chat.ts";
import { findStorage } from "./page_storage.ts";
import { useDoctor } from "./use_doctor.ts";

/** The page of the call doctor, for people with a link to it; without an account it tests their devices only. */
export function DoctorPage({ app, chat }: { app: AppModel; chat: Chat | null }): JSX.Element {
  const storage = useMemo(() => chat?.storage ?? findStorage(globalThis.window), [chat]);
  const { doctor } = useDoctor({ chat, preferences: callPreferencesOf(storage) });
  const leave = (event: Event) => {
    event.preventDefault();
    app.router.go({ type: "home" });
  };
  return (
    <Sheet
      workspaceName={app.workspaceName.value}
      title="Call doctor"
      lead="Find out whether this device and this network are ready for calls."
      foot={
        <a href="/" onClick={leave}>
          {chat === null ? "Sign in to test the network too" : "Back to the rooms"}
        </a>
      }
    >
      <Doctor model={doctor} />
    </Sheet>
  );
}
