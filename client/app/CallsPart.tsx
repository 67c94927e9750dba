import "../base.ts";
import "../calls/base.ts";
import type { JSX } from "preact";
import { loudRing, quietRings } from "../../shared/call/call_outputs.ts";
import type { PendingRing } from "../../shared/call/call_state.ts";
import type { Room } from "../../shared/room.ts";
import { CallBar, CallOffer } from "../calls/CallBar.tsx";
import { CallEnded } from "../calls/CallEnded.tsx";
import { CallTime } from "../calls/CallTime.tsx";
import type { EndAction } from "../calls/call_words.ts";
import { describeEnd, describePhase } from "../calls/call_words.ts";
import { RingCard } from "../calls/RingCard.tsx";
import { useAboveDialogs } from "../ui/use_above_dialogs.ts";
import { useKeptFocus } from "../ui/use_kept_focus.ts";
import { useSignedIn } from "./app_context.ts";
import type { SignedIn } from "./app_context.ts";
import type { EndedCall } from "./call_ends.ts";
import { OpenCall } from "./open_call.ts";
import type { OpenCallOptions } from "./open_call.ts";
import { RoomLobby } from "./RoomLobby.tsx";
import { RoomStage } from "./RoomStage.tsx";

/** Opens the call of this tab. */
export function openCall(context: SignedIn, options: OpenCallOptions): OpenCall {
  return new OpenCall(context, options);
}

/** Props of the views of a call. */
interface CallProps {
  readonly call: OpenCall;
}

/** A call in the pane of its room: the lobby, the call itself, or why it ended. */
export function RoomCall(
  { call, room, title }: CallProps & { room: Room; title: string },
): JSX.Element | null {
  const lobby = call.lobby.value;
  if (lobby?.roomId === room.id) {
    return <RoomLobby key={room.id} call={call} lobby={lobby} room={room} title={title} />;
  }
  if (call.session.value?.roomId === room.id) return <RoomStage call={call} room={room} title={title} />;
  const ended = call.ends.ended.value;
  // Whoever was removed from the room is told by a card.
  const isHere = ended?.end.roomId === room.id && call.context.chat.rooms.find(room.id) !== null;
  return isHere ? <Ended call={call} ended={ended} title={title} /> : null;
}

/** The call that goes on while its room is not shown, or to which this tab can return. */
export function CallBarHere({ call }: CallProps): JSX.Element | null {
  const { app, chat } = useSignedIn();
  const { state, returnable } = call.model;
  const session = call.session.value;
  const { stage } = state.value;
  const isReturn = session === null && returnable.value !== null;
  const roomId = session?.roomId ?? returnable.value?.roomId ?? null;
  const room = roomId === null ? null : chat.rooms.find(roomId);
  if (roomId === null) return null;
  const title = room === null ? "another room" : chat.rooms.titleOf(room);
  if (isReturn) {
    return (
      <CallOffer
        verb="Return"
        onAccept={() => {
          call.model.returnToCall();
          app.openRoom(roomId);
        }}
        onDismiss={() => call.model.declineReturn()}
      >
        You were in a call in <bdi>{title}</bdi>
      </CallOffer>
    );
  }
  const isSeen = app.roomId.value === roomId && !(call.stage.isChatShown.value && !call.isChatBeside.value);
  if (session === null || isSeen || !("session" in stage)) return null;
  return (
    <CallBar
      isMuted={!session.want.mic}
      onBack={() => {
        if (call.stage.isChatShown.peek() && !call.isChatBeside.peek()) call.stage.toggleChat();
        app.openRoom(roomId);
      }}
      onMute={call.commands.toggleMic}
      onStopSharing={session.want.screen ? call.commands.toggleScreen : null}
      onLeave={call.commands.leave}
    >
      {session.want.screen ? "Sharing · " : null}
      <bdi>{title}</bdi> · {describePhase(stage.phase, session) ??
        (session.call &&
          <CallTime startedAt={session.call.startedAt} serverNow={call.host.serverNow} />)}
    </CallBar>
  );
}

/** Who rings, and how a call ended whose room is not shown. */
export function CallCards({ call }: CallProps): JSX.Element {
  const { app, chat } = useSignedIn();
  const state = call.model.state.value;
  const ended = call.ends.ended.value;
  const loud = loudRing(state);
  const room = ended === null ? null : chat.rooms.find(ended.end.roomId);
  const { release, ...kept } = useKeptFocus<HTMLDivElement>();
  const rings = [...loud === null ? [] : [loud], ...quietRings(state)];
  useAboveDialogs(kept.ref, rings.length > 0);
  return (
    <div class="ring-place">
      <div class="ring-cards" {...kept}>
        {rings.map((ring) => (
          <Ring
            key={`${ring.callId} ${ring.until}`}
            call={call}
            ring={ring}
            isQuiet={ring !== loud}
            onLeaving={release}
          />
        ))}
        {ended === null || (room !== null && ended.end.roomId === app.roomId.value)
          ? null
          : <Ended call={call} ended={ended} title={room === null ? "the room" : chat.rooms.titleOf(room)} />}
      </div>
    </div>
  );
}

interface RingProps extends CallProps {
  readonly ring: PendingRing;
  readonly isQuiet: boolean;
  /** The call itself is about to have the focus. */
  readonly onLeaving: () => void;
}

function Ring({ call, ring, isQuiet, onLeaving }: RingProps): JSX.Element {
  const { chat } = useSignedIn();
  const { callId, roomId, by, video } = ring;
  const room = chat.rooms.find(roomId);
  return (
    <RingCard
      by={by}
      name={chat.users.nameOf(by)}
      roomName={room === null || room.kind === "direct" ? null : chat.rooms.titleOf(room)}
      hasVideo={video}
      isQuiet={isQuiet}
      onAccept={(hasCamera) => {
        onLeaving();
        call.accept(callId, roomId, hasCamera);
      }}
      onDecline={() => call.model.act({ type: "decline", callId })}
    />
  );
}

function Ended({ call, ended, title }: CallProps & { ended: EndedCall; title: string }): JSX.Element | null {
  const { app } = useSignedIn();
  const words = describeEnd(ended.end, { ...ended, title });
  if (words === null) return null;
  const { roomId } = ended.end;
  const again = (cam: boolean) => {
    const peer = call.context.chat.rooms.peerOf(roomId);
    call.join(roomId, { mic: ended.hadMic, cam }, peer === null ? [] : [peer]);
    app.openRoom(roomId);
  };
  const act = (action: EndAction) => {
    call.ends.dismiss();
    if (action === "take_over") {
      const running = call.runningIn(roomId);
      if (running !== null) call.takeOver(running);
    } else if (action === "leave_message") {
      app.openRoom(roomId);
      document.querySelector<HTMLElement>(".compose textarea")?.focus();
    } else again(action !== "without_camera" && ended.hadCamera);
  };
  return <CallEnded words={words} onAction={act} onDismiss={() => call.ends.dismiss()} />;
}
