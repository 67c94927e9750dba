import type { JSX } from "preact";
import { useComputed, useSignalEffect } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { Me } from "../../shared/user.ts";
import { Announcer } from "../ui/Announcer.tsx";
import { Bubbles } from "../ui/Bubbles.tsx";
import { Toasts } from "../ui/Toasts.tsx";
import { AppContext } from "./app_context.ts";
import type { AppModel } from "./app_model.ts";
import type { Chat } from "./chat.ts";
import { Doors } from "./Doors.tsx";
import { formatTitle } from "./page_title.ts";
import { makePeopleView } from "./make_people_view.ts";
import { Shell } from "./Shell.tsx";

/** The whole client. */
export function App({ model }: { model: AppModel }): JSX.Element {
  useTitle(model);
  const state = model.session.state.value;
  const place = model.router.place.value;
  const chat = model.chat.value;
  const isSheet = place.type === "join" || place.type === "reset";
  const isIn = state.type === "signed_in" && !isSheet;
  return (
    <>
      {!isIn
        ? <Doors model={model} />
        : chat === null
        ? <Splash />
        : <Rooms key={chat} app={model} chat={chat} me={state.me} />}
      <Toasts model={model.toasts} />
    </>
  );
}

function Rooms({ app, chat, me }: { app: AppModel; chat: Chat; me: Me }): JSX.Element {
  const people = useMemo(() => makePeopleView(chat, me.id), [chat, me.id]);
  const value = useMemo(() => ({ app, chat, me, people }), [app, chat, me, people]);
  return (
    <AppContext.Provider value={value}>
      <Shell />
      <Announcer model={chat.announcer} />
    </AppContext.Provider>
  );
}

function Splash(): JSX.Element {
  return (
    <main class="splash" aria-busy="true">
      <h1 class="visually-hidden">Opening the rooms</h1>
      <Bubbles />
    </main>
  );
}

const PAGES = { setup: "Set up", join: "Join", reset: "New password" } as const;

function useTitle(model: AppModel): void {
  const title = useComputed(() => {
    const place = model.router.place.value;
    const chat = model.chat.value;
    const placeName = model.placeName.value;
    if (place.type in PAGES) {
      const page = PAGES[place.type as keyof typeof PAGES];
      return formatTitle({ placeName, page, unreadCount: 0 });
    }
    if (chat === null) {
      const page = model.session.state.value.type === "signed_out" ? "Sign in" : null;
      return formatTitle({ placeName, page, unreadCount: 0 });
    }
    const roomId = model.roomId.value;
    const room = roomId === null ? null : chat.rooms.find(roomId) ?? chat.visit.room.value;
    return formatTitle({
      placeName,
      page: room === null ? null : chat.rooms.titleOf(room),
      unreadCount: chat.rooms.unreadCount.value,
    });
  });
  useSignalEffect(() => {
    document.title = title.value;
  });
}
