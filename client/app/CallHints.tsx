import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { othersIn } from "../../shared/call/call_state.ts";
import type { CallSession } from "../../shared/call/call_state.ts";
import { CallHint } from "../calls/CallHint.tsx";
import { describeRefusal, describeRings } from "../calls/call_words.ts";
import { canCallSomebody } from "./callees.ts";
import type { CallDialogName } from "./call_menu.ts";
import type { OpenCall } from "./open_call.ts";
import { useDevicesPart } from "./use_devices_part.ts";

/** Props of `CallHints`. */
export interface CallHintsProps {
  readonly call: OpenCall;
  readonly session: CallSession;
  readonly onDialog: (name: CallDialogName) => void;
}

/** Enough to read two sentences. */
const REFUSAL_SHOWN_MS = 15_000;

/** What the user should know now: at most a few sentences, the most urgent one first. */
export function CallHints({ call, session, onDialog }: CallHintsProps): JSX.Element {
  const { sound, meter, local, devices, model, host, preferences } = call;
  const offer = devices.offer.value;
  const failures = [...local.failures.value.values()];
  const parts = useDevicesPart(failures.length > 0);
  const rings = describeRings(session, host.nameOf);
  return (
    <>
      {sound.needsGesture.value
        ? (
          <CallHint action={{ label: "Tap to hear", onClick: () => sound.retry() }}>
            The browser waits for you before it plays sound.
          </CallHint>
        )
        : null}
      {parts && (
        <parts.CaptureFailures
          failures={failures}
          frame={({ kind }, words) => (
            <CallHint key={kind} onDismiss={() => local.dismissFailure(kind)}>{words}</CallHint>
          )}
        />
      )}
      {session.refusal === null ? null : <Refusal key={session.refusal} code={session.refusal} />}
      {preferences.settings.value.isPushToTalk
        ? (
          <CallHint action={{ label: "Turn off", onClick: () => preferences.set({ isPushToTalk: false }) }}>
            Hold Space to talk.
          </CallHint>
        )
        : meter.isTalkingWhileMuted.value
        ? (
          <CallHint action={{ label: "Unmute", onClick: call.commands.toggleMic }}>
            You are muted, so nobody hears you.
          </CallHint>
        )
        : null}
      {meter.isMicSilent.value
        ? (
          <CallHint action={{ label: "Devices", onClick: () => onDialog("devices") }}>
            No sound from your microphone.
          </CallHint>
        )
        : null}
      {offer === null ? null : (
        <CallHint
          action={{ label: "Use it", onClick: () => devices.acceptOffer() }}
          onDismiss={() => devices.dismissOffer()}
        >
          <bdi>{offer.mic.label}</bdi> was connected.
        </CallHint>
      )}
      {model.relayTrouble.value === "unreachable"
        ? <CallHint>The relay cannot be reached, so you may not reach everyone.</CallHint>
        : model.relayTrouble.value === "refused"
        ? <CallHint>The relay refused this device. Tell an admin.</CallHint>
        : null}
      {/* The tiles show it. */}
      <span class="visually-hidden" role="status">{rings}</span>
      {session.rings.size === 0 && session.own !== null && othersIn(session).length === 0
        ? <Alone call={call} session={session} onDialog={onDialog} />
        : null}
    </>
  );
}

function Alone({ call, session, onDialog }: CallHintsProps): JSX.Element {
  return (
    <CallHint
      {...canCallSomebody(call, session)
        ? { action: { label: "Ring somebody", onClick: () => onDialog("ring") } }
        : {}}
    >
      Nobody else is here yet.
    </CallHint>
  );
}

/** A refusal stays in the state until the next change, so its reading is remembered here. */
function Refusal({ code }: { code: string }): JSX.Element | null {
  const [isRead, setIsRead] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsRead(true), REFUSAL_SHOWN_MS);
    return () => clearTimeout(timer);
  }, []);
  return isRead ? null : <CallHint onDismiss={() => setIsRead(true)}>{describeRefusal(code)}</CallHint>;
}
