import type { JSX } from "preact";
import type { Room } from "../../shared/room.ts";
import { Lobby } from "../calls/Lobby.tsx";
import { RingList } from "../calls/RingList.tsx";
import { useSignedIn } from "./app_context.ts";
import { calleesOf } from "./callees.ts";
import type { OpenCall, OpenLobby } from "./open_call.ts";
import { devicesPart, useDevicesPart } from "./use_devices_part.ts";

/** Props of `RoomLobby`. */
export interface RoomLobbyProps {
  readonly call: OpenCall;
  readonly lobby: OpenLobby;
  readonly room: Room;
  readonly title: string;
}

const LIST = new Intl.ListFormat("en", { type: "conjunction" });

/** The lobby of a room. */
export function RoomLobby({ call, lobby, room, title }: RoomLobbyProps): JSX.Element {
  const { app, chat, me } = useSignedIn();
  const running = call.runningIn(room.id);
  const isDirect = room.kind === "direct";
  const isElsewhere = call.session.value !== null;
  const callees = calleesOf(call);
  const names = running?.participants.map(({ userId }) => chat.users.nameOf(userId)) ?? [];
  const who = names.length === 0 ? null : `${LIST.format(names)} ${names.length === 1 ? "is" : "are"} in it.`;
  const pushToTalk = call.preferences.settings.value.isPushToTalk
    ? "With push to talk, you are heard while you hold Space."
    : null;
  const failures = [...call.local.failures.value.values()];
  const devices = useDevicesPart(failures.length > 0);
  const heading = running !== null
    ? isDirect ? `Join the call with ${title}` : `Join the call in ${title}`
    : isDirect
    ? `Call ${title}`
    : `Start a call in ${title}`;
  return (
    <Lobby
      heading={heading}
      text={[isElsewhere ? "This leaves the call that you are in." : null, who, pushToTalk]
        .filter(Boolean).join(" ") || null}
      verb={running !== null ? "Join" : isDirect ? "Call" : "Start"}
      model={lobby.model}
      local={isElsewhere ? null : call.local}
      devices={call.devices}
      level={call.meter.ownLevel}
      me={me}
      failures={devices && (
        <devices.CaptureFailures
          failures={failures}
          frame={({ kind }, words) => <p key={kind}>{words}</p>}
        />
      )}
      choice={devices && <devices.DeviceChoice devices={call.devices} />}
      onChoose={() => void devicesPart.load()}
      onJoin={() => call.joinFromLobby()}
      onCancel={() => call.leaveLobby()}
      onTest={() => {
        call.leaveLobby();
        app.router.go({ type: "doctor" });
      }}
    >
      {running !== null || isDirect || callees.length === 0 ? null : (
        <RingList
          people={callees}
          chosen={lobby.model.rings.value}
          isFull={lobby.model.isRingFull.value}
          onToggle={(userId) => lobby.model.toggleRing(userId)}
        />
      )}
    </Lobby>
  );
}
