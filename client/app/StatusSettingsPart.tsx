import "../base.ts";
import type { JSX } from "preact";
import { StatusSettings } from "../status/StatusSettings.tsx";
import { useSignedIn } from "./app_context.ts";
import { statusOf } from "./status_models.ts";

/** The page of the settings for the public status; only owners and admins load it. */
export function StatusSettingsPage(): JSX.Element {
  const { app, chat, me } = useSignedIn();
  return (
    <StatusSettings
      model={statusOf(chat).manage}
      isOwner={me.role === "owner"}
      onSaved={(text) => app.toasts.show(text)}
    />
  );
}
