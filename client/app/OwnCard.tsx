import type { JSX } from "preact";
import { Face } from "../ui/Face.tsx";
import { IconButton } from "../ui/IconButton.tsx";
import { useSignedIn } from "./app_context.ts";

const STATUS_WORDS = { online: "Online", away: "Away", offline: "Offline" } as const;

/** Oneself at the foot of the sidebar: how others see one, and the way to the settings. */
export function OwnCard(): JSX.Element {
  const { app, me, people } = useSignedIn();
  const text = people.textOf(me.id);
  return (
    <div class="me">
      <Face id={me.id} name={me.name} size="s">{people.dot(me.id)}</Face>
      <button type="button" class="me-words me-status" onClick={() => app.router.open("status")}>
        <span dir="auto">{me.name}</span>
        <small dir="auto">{text === "" ? STATUS_WORDS[people.statusOf(me.id)] : text}</small>
        <span class="visually-hidden">, set your status</span>
      </button>
      <IconButton icon="settings" label="Settings" onClick={() => app.router.open("settings")} />
    </div>
  );
}
