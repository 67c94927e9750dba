import { h } from "preact";
import type { UserId } from "../../shared/ids.ts";
import { effectiveText } from "../../shared/presence.ts";
import { PresenceDot } from "../presence/PresenceDot.tsx";
import type { PeopleView } from "../rooms/people_view.ts";
import type { Chat } from "./chat.ts";

const collator = new Intl.Collator(undefined, { sensitivity: "base", numeric: true });

/** Puts directory and presence together for the views of rooms. */
export function makePeopleView(chat: Pick<Chat, "users" | "presence">, me: UserId): PeopleView {
  const { users, presence } = chat;
  return {
    me,
    all: () =>
      [...users.users.value.values()]
        .filter((user) => user.deactivatedAt === null)
        .sort((a, b) => collator.compare(a.name, b.name)),
    refresh: () => void users.load().catch(() => {}),
    nameOf: (userId) => users.nameOf(userId),
    statusOf: (userId) => presence.signalOf(userId).value.status,
    textOf: (userId) => effectiveText(presence.signalOf(userId).value, Date.now()),
    dot: (userId) => h(PresenceDot, { state: presence.signalOf(userId) }),
  };
}
