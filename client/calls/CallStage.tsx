import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { isForwarded } from "../../shared/call/call_state.ts";
import type { CallSession, SessionPhase } from "../../shared/call/call_state.ts";
import type { MenuItem } from "../ui/Menu.tsx";
import type { CallCommands } from "./call_commands.ts";
import type { CallHost, PersonActions } from "./call_host.ts";
import { CallHint } from "./CallHint.tsx";
import { CallControls } from "./CallControls.tsx";
import { CallTiles } from "./CallTiles.tsx";
import type { StageModel } from "./stage_model.ts";

/** Props of `CallStage`. */
export interface CallStageProps {
  /** The room's name; in a direct room the other person's. */
  readonly title: string;
  readonly host: CallHost;
  readonly phase: SessionPhase;
  readonly session: CallSession;
  readonly stage: StageModel;
  readonly commands: CallCommands;
  readonly actions: PersonActions;
  readonly canShare: boolean;
  readonly unreadCount: number;
  readonly menu: readonly MenuItem[];
  /** Sentences about the call, above the controls. */
  readonly hints?: ComponentChildren;
  /** Called with the element that can fill the screen. */
  readonly onElement?: (element: HTMLElement | null) => void;
}

/** A call in the pane of its room. */
export function CallStage(props: CallStageProps): JSX.Element {
  const { title, host, phase, session, stage, commands, actions, canShare, unreadCount, menu, hints } = props;
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    props.onElement?.(section.current);
    // What one clicked to get here is gone, or about to go: keys go on from the call.
    const { activeElement, body } = document;
    if (activeElement === body || activeElement?.closest(".ring-cards")) {
      section.current?.focus({ preventScroll: true });
    }
    return () => props.onElement?.(null);
  }, []);
  return (
    <section class="call-stage" ref={section} tabIndex={-1} aria-label={`Call in ${title}`}>
      <CallTiles host={host} session={session} stage={stage} actions={actions} />
      <div class="call-hints">
        {isForwarded(session) && !stage.isForwardingKnown.value
          ? (
            <CallHint onDismiss={() => stage.readForwarding()}>
              This call goes through a media server, so it is not end-to-end encrypted.
            </CallHint>
          )
          : null}
        {hints}
      </div>
      <CallControls
        title={title}
        phase={phase}
        session={session}
        commands={commands}
        serverNow={host.serverNow}
        canShare={canShare}
        isChatShown={stage.isChatShown.value}
        unreadCount={unreadCount}
        onChat={() => stage.toggleChat()}
        menu={menu}
      />
    </section>
  );
}
