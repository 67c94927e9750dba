import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Empty } from "../ui/Empty.tsx";
import { useSignedIn } from "./app_context.ts";
import { ConnectionBanner } from "./ConnectionBanner.tsx";
import { LateResetNotice, LazyOverlays } from "./LazyOverlays.tsx";
import { RoomPane } from "./RoomPane.tsx";
import { isInspectorKey, roomStepOf } from "./shortcuts.ts";
import { Side } from "./Side.tsx";
import { SidePanel } from "./SidePanel.tsx";
import { useRoom } from "./use_room.ts";

/** The three columns of a signed-in user; on a phone, one pane at a time. */
export function Shell(): JSX.Element {
  const { app, chat, me, calls } = useSignedIn();
  const callViews = calls.value.value;
  const main = useRef<HTMLElement>(null);
  const roomId = app.roomId.value;
  const isNarrow = app.isNarrow.value;
  const room = useRoom(chat, roomId);
  const isListPane = isNarrow && roomId === null;

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (isInspectorKey(event)) {
        event.preventDefault();
        app.router.open("connection");
        return;
      }
      const step = roomStepOf(event);
      if (step === null || document.querySelector("dialog[open]") !== null) return;
      event.preventDefault();
      const next = chat.rooms.neighbour(step.step, step.which);
      if (next !== null) app.openRoom(next);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [app, chat]);

  useEffect(() => {
    if (roomId === null) return;
    // The composer takes the focus when it appears, but no keyboard must open by itself on a screen.
    const isTouch = !matchMedia("(pointer: fine)").matches;
    if (isTouch || isNarrow) main.current?.focus({ preventScroll: true });
  }, [roomId]);

  return (
    <div class="app" data-pane={roomId === null ? "list" : "room"}>
      {isListPane ? null : <a class="skip-link" href="#main">Skip to the messages</a>}
      {callViews === null ? null : <callViews.CallCards />}
      {/* The banner in it is read before the rooms. */}
      <LazyOverlays room={room} />
      {/* On a phone the list is all there is: then it is the main part of the page. */}
      <div class="side-slot" role={isListPane ? "main" : undefined}>
        <Side isMain={isListPane} />
      </div>
      <main class="main" id="main" tabIndex={-1} ref={main}>
        {roomId === null
          ? (
            <Empty title="No room selected" isPage>
              Choose one from the list, or create one with the plus above it.
            </Empty>
          )
          : <RoomPane key={roomId} roomId={roomId} />}
        <div class="notice-slot">
          <ConnectionBanner />
        </div>
      </main>
      {room === null ? null : <SidePanel room={room} />}
      {me.passwordResets.length === 0 ? null : <LateResetNotice />}
    </div>
  );
}
