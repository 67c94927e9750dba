import "../base.ts";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { ParticipantId } from "../../shared/ids.ts";
import { isForwarded } from "../../shared/call/call_state.ts";
import type { CallSession } from "../../shared/call/call_state.ts";
import { DeviceChoice } from "../calls/DeviceChoice.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { Face } from "../ui/Face.tsx";
import { missingFrom } from "./callees.ts";
import { LatePart } from "./late_part.ts";
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
      return <LateFigures call={call} isSfu={isForwarded(session)} onClose={onClose} />;
    case "ring":
      return <RingSomebody call={call} session={session} onClose={onClose} />;
    case "safety":
      return (
        <LateCode
          call={call}
          participantId={dialog.participantId}
          isSfu={isForwarded(session)}
          onClose={onClose}
        />
      );
  }
}

const figuresPart = new LatePart(() => import("./CallFiguresPart.tsx"));

function useFiguresPart(): typeof import("./CallFiguresPart.tsx") | null {
  useEffect(() => void figuresPart.load(), []);
  return figuresPart.value.value;
}

interface LateDialogProps extends Pick<CallDialogProps, "call" | "onClose"> {
  readonly isSfu: boolean;
}

function LateFigures({ call: { host }, isSfu, onClose }: LateDialogProps): JSX.Element | null {
  const part = useFiguresPart();
  return part === null
    ? null
    : <part.LiveFigures peers={host.peers} nameOf={host.nameOf} isSfu={isSfu} onClose={onClose} />;
}

interface LateCodeProps extends LateDialogProps {
  readonly participantId: ParticipantId;
}

function LateCode({ call: { host }, participantId, isSfu, onClose }: LateCodeProps): JSX.Element | null {
  const part = useFiguresPart();
  const peer = host.peers.value.get(participantId);
  if (part === null || peer === undefined) return null;
  return <part.SafetyCode peer={peer} name={host.nameOf(peer.userId)} isSfu={isSfu} onClose={onClose} />;
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
