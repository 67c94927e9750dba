import "../base.ts";
import type { JSX } from "preact";
import type { CallSession } from "../../shared/call/call_state.ts";
import { DeviceChoice } from "../calls/DeviceChoice.tsx";
import { LiveFigures } from "../calls/doctor/LiveFigures.tsx";
import { SafetyCode } from "../calls/doctor/SafetyCode.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { Face } from "../ui/Face.tsx";
import { missingFrom } from "./callees.ts";
import type { OpenCall } from "./open_call.ts";
import type { OpenDialog } from "./RoomStage.tsx";

/** Props of `CallDialog`. */
export interface CallDialogProps {
  readonly call: OpenCall;
  readonly session: CallSession;
  readonly dialog: OpenDialog;
  readonly onClose: () => void;
}

/** A dialog over a call. */
export function CallDialog({ call, session, dialog, onClose }: CallDialogProps): JSX.Element | null {
  const { host } = call;
  switch (dialog.name) {
    case "devices":
      return (
        <Dialog title="Devices" size="small" onClose={onClose}>
          <div class="dialog-body">
            <DeviceChoice devices={call.devices} />
          </div>
        </Dialog>
      );
    case "figures":
      return <LiveFigures peers={host.peers} nameOf={host.nameOf} onClose={onClose} />;
    case "ring":
      return <RingSomebody call={call} session={session} onClose={onClose} />;
    case "safety": {
      const peer = host.peers.value.get(dialog.participantId);
      if (peer === undefined) return null;
      return (
        <SafetyCode
          peer={peer}
          name={host.nameOf(peer.userId)}
          isSfu={session.call?.topology === "sfu"}
          onClose={onClose}
        />
      );
    }
  }
}

function RingSomebody({ call, session, onClose }: Omit<CallDialogProps, "dialog">): JSX.Element {
  return (
    <Dialog title="Ring somebody" size="small" onClose={onClose}>
      <div class="dialog-body">
        <ul class="picks" aria-label="People">
          {missingFrom(call, session).map(({ id, name }) => (
            <li key={id}>
              <button
                type="button"
                class="pick"
                onClick={() => {
                  call.model.act({ type: "ring_more", userId: id });
                  onClose();
                }}
              >
                <Face id={id} name={name} size="s" />
                <span class="lines">
                  <bdi>{name}</bdi>
                </span>
              </button>
            </li>
          ))}
        </ul>
      </div>
    </Dialog>
  );
}
