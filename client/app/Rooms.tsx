import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import type { UserId } from "../../shared/ids.ts";
import { effectiveText } from "../../shared/presence.ts";
import type { Me } from "../../shared/user.ts";
import { PresenceDot } from "../presence/PresenceDot.tsx";
import type { PeopleView } from "../rooms/people_view.ts";
import { withLateStyle } from "../ui/late_style.ts";
import { compareNames } from "../ui/compare_names.ts";
import { AppContext } from "./app_context.ts";
import type { AppModel } from "./app_model.ts";
import type { Chat } from "./chat.ts";
import { FIRST_VIEW_MS, LatePart } from "./late_part.ts";
import { Shell } from "./Shell.tsx";

/** All views of a signed-in user. */
export function Rooms({ app, chat, me }: { app: AppModel; chat: Chat; me: Me }): JSX.Element {
  const people = useMemo(() => makePeopleView(chat, me.id), [chat, me.id]);
  const calls = useMemo(() => new LatePart(() => withLateStyle(import("./CallsLight.tsx"))), [chat]);
  useEffect(() => {
    const timer = setTimeout(() => void calls.load(), FIRST_VIEW_MS);
    return () => clearTimeout(timer);
  }, [calls]);
  const value = useMemo(() => ({ app, chat, me, people, calls }), [app, chat, me, people, calls]);
  return (
    <AppContext.Provider value={value}>
      <Shell />
      {/* Screen readers read out what appears here; it must exist from the start. */}
      <div class="visually-hidden" aria-live="polite" aria-atomic="true">{chat.announcer.text}</div>
    </AppContext.Provider>
  );
}

/** Combines the directory and presence for the views of rooms. */
function makePeopleView(chat: Pick<Chat, "users" | "presence">, me: UserId): PeopleView {
  const { users, presence } = chat;
  return {
    me,
    all: () =>
      [...users.users.value.values()]
        .filter((user) => user.deactivatedAt === null)
        .sort((a, b) => compareNames(a.name, b.name)),
    refresh: () => void users.load().catch(() => {}),
    nameOf: (userId) => users.nameOf(userId),
    statusOf: (userId) => presence.signalOf(userId).value.status,
    textOf: (userId) => effectiveText(presence.signalOf(userId).value, Date.now()),
    dot: (userId) => <PresenceDot state={presence.signalOf(userId)} />,
  };
}
