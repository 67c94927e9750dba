import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useComputed, useSignalEffect } from "@preact/signals";
import { Bubbles } from "../ui/Bubbles.tsx";
import { Toasts } from "../ui/Toasts.tsx";
import type { AppModel } from "./app_model.ts";
import { SignedOut } from "./SignedOut.tsx";
import { formatTitle } from "./page_title.ts";
import type { LatePart } from "./late_part.ts";

/** Parts that are fetched when needed: the rooms for signed-in users, a page for all, and pages for everybody else. */
export interface AppParts {
  readonly chat: LatePart<typeof import("./chat_part.ts")>;
  readonly doctor: LatePart<typeof import("./DoctorPart.tsx")>;
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
  // It shows more to those who are signed in, so it waits until that is known.
  const isDoctor = place.type === "doctor" && (state.type === "signed_out" || chat !== null);
  return (
    <>
      {isDoctor
        ? <LateDoctor model={model} part={parts.doctor} />
        : !isIn
        ? <SignedOut model={model} part={parts.signedOut} />
        : chat === null || chatPart === null
        ? <Splash />
        : <chatPart.Rooms key={chat} app={model} chat={chat} me={state.me} />}
      <Toasts model={model.toasts} />
    </>
  );
}

function LateDoctor({ model, part }: { model: AppModel; part: AppParts["doctor"] }): JSX.Element {
  useEffect(() => void part.load(), [part]);
  const loaded = part.value.value;
  return loaded === null ? <Splash /> : <loaded.DoctorPage app={model} chat={model.chat.value} />;
}

function Splash(): JSX.Element {
  return (
    <main class="splash" aria-busy="true">
      <h1 class="visually-hidden">Loading …</h1>
      <Bubbles />
    </main>
  );
}

const PAGES = { setup: "Set up", join: "Join", reset: "New password", doctor: "Call doctor" } as const;

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
      page: model.callTitle.value ?? (room === null ? null : chat.rooms.titleOf(room)),
      unreadCount: chat.rooms.unreadCount.value,
    });
  });
  useSignalEffect(() => {
    document.title = title.value;
  });
}
