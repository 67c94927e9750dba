import type { JSX } from "preact";
import { useComputed, useSignalEffect } from "@preact/signals";
import { Bubbles } from "../ui/Bubbles.tsx";
import { Toasts } from "../ui/Toasts.tsx";
import type { AppModel } from "./app_model.ts";
import { SignedOut } from "./SignedOut.tsx";
import { formatTitle } from "./page_title.ts";
import type { LatePart } from "./late_part.ts";

/** Parts that are fetched when needed: the rooms for signed-in users, other pages for everybody else. */
export interface AppParts {
  readonly chat: LatePart<typeof import("./chat_part.ts")>;
  readonly signedOut: LatePart<typeof import("./SignedOutPages.tsx")>;
}

/** The whole client. */
export function App({ model, parts }: { model: AppModel; parts: AppParts }): JSX.Element {
  useTitle(model);
  const state = model.session.state.value;
  const place = model.router.place.value;
  const chat = model.chat.value;
  const chatPart = parts.chat.value.value;
  const isSheet = place.type === "join" || place.type === "reset";
  const isIn = state.type === "signed_in" && !isSheet;
  return (
    <>
      {!isIn
        ? <SignedOut model={model} part={parts.signedOut} />
        : chat === null || chatPart === null
        ? <Splash />
        : <chatPart.Rooms key={chat} app={model} chat={chat} me={state.me} />}
      <Toasts model={model.toasts} />
    </>
  );
}

function Splash(): JSX.Element {
  return (
    <main class="splash" aria-busy="true">
      <h1 class="visually-hidden">Loading rooms</h1>
      <Bubbles />
    </main>
  );
}

const PAGES = { setup: "Set up", join: "Join", reset: "New password" } as const;

function useTitle(model: AppModel): void {
  const title = useComputed(() => {
    const place = model.router.place.value;
    const chat = model.chat.value;
    const workspaceName = model.workspaceName.value;
    if (place.type in PAGES) {
      const page = PAGES[place.type as keyof typeof PAGES];
      return formatTitle({ workspaceName, page, unreadCount: 0 });
    }
    if (chat === null) {
      const page = model.session.state.value.type === "signed_out" ? "Sign in" : null;
      return formatTitle({ workspaceName, page, unreadCount: 0 });
    }
    const roomId = model.roomId.value;
    const room = roomId === null ? null : chat.rooms.find(roomId) ?? chat.preview.room.value;
    return formatTitle({
      workspaceName,
      page: room === null ? null : chat.rooms.titleOf(room),
      unreadCount: chat.rooms.unreadCount.value,
    });
  });
  useSignalEffect(() => {
    document.title = title.value;
  });
}
