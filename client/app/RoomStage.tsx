import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useSignal } from "@preact/signals";
import type { ParticipantId } from "../../shared/ids.ts";
import type { Room } from "../../shared/room.ts";
import { CallStage } from "../calls/CallStage.tsx";
import { canShareScreen } from "../calls/media/screen_share.ts";
import { useSignedIn } from "./app_context.ts";
import type { CallDialogName } from "./call_menu.ts";
import { CallHints } from "./CallHints.tsx";
import { LatePart } from "./late_part.ts";
import { mayModerate } from "./room_menu.ts";
import type { OpenCall } from "./open_call.ts";

/** Props of `RoomStage`. */
export interface RoomStageProps {
  readonly call: OpenCall;
  readonly room: Room;
  readonly title: string;
}

/** What is open over a call. */
export type OpenDialog = { readonly name: CallDialogName } | {
  readonly name: "safety";
  readonly participantId: ParticipantId;
};

/** What is behind "More", which nobody opens at once. */
const MENU = new LatePart(() => import("./call_menu.ts"));
const DIALOGS = new LatePart(() => import("./CallDialog.tsx"));

/** The call of a room, with everything around it. */
export function RoomStage({ call, room, title }: RoomStageProps): JSX.Element | null {
  const context = useSignedIn();
  const { app, chat } = context;
  const [dialog, setDialog] = useState<OpenDialog | null>(null);
  const dialogs = DIALOGS.value.value;
  const menu = MENU.value.value;
  useEffect(() => void MENU.load(), []);
  const isFull = useFullScreen();
  const open = (next: OpenDialog) => {
    setDialog(next);
    void DIALOGS.load();
  };
  const element = useSignal<HTMLElement | null>(null);
  const session = call.session.value;
  const { stage } = call.model.state.value;
  if (session === null || !("session" in stage)) return null;
  // The messages have taken its place; the bar leads back.
  if (call.stage.isChatShown.value && !call.isChatBeside.value) return null;
  const moderate = (participantId: ParticipantId, action: "mute" | "remove") => {
    const { callId } = session;
    if (callId === null) return;
    void app.attempt(() =>
      chat.trpc.calls.moderate.mutate({ tabId: call.tabId, callId, participantId, action })
    );
  };
  return (
    <>
      <CallStage
        title={title}
        host={call.host}
        phase={stage.phase}
        session={session}
        stage={call.stage}
        commands={call.commands}
        actions={{
          onSafetyCode: (participantId) => open({ name: "safety", participantId }),
          ...mayModerate(context, room) ? { onModerate: moderate } : {},
        }}
        canShare={canShareScreen()}
        unreadCount={call.stage.isChatShown.value ? 0 : chat.rooms.find(room.id)?.unread ?? 0}
        menu={menu?.callMenu(call, {
          session,
          isFull,
          element: () => element.peek(),
          onDialog: (name) => open({ name }),
        }) ?? []}
        hints={<CallHints call={call} session={session} onDialog={(name) => open({ name })} />}
        onElement={(found) => element.value = found}
      />
      {dialog === null || dialogs === null ? null : (
        <dialogs.CallDialog
          call={call}
          session={session}
          dialog={dialog}
          onClose={() => setDialog(null)}
        />
      )}
    </>
  );
}

/** Whether something fills the screen. */
function useFullScreen(): boolean {
  const [isFull, setIsFull] = useState(false);
  useEffect(() => {
    const follow = () => setIsFull(document.fullscreenElement !== null);
    document.addEventListener("fullscreenchange", follow);
    return () => document.removeEventListener("fullscreenchange", follow);
  }, []);
  return isFull;
}
