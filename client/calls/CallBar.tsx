import type { ComponentChildren, JSX } from "preact";
import { Icon } from "../ui/Icon.tsx";
import { CALL_ICONS } from "./call_icons.ts";

/** Props of `CallBar`. */
export interface CallBarProps {
  /** What leads back, and says which call it is. */
  readonly children: ComponentChildren;
  readonly onBack: () => void;
  readonly isMuted: boolean;
  readonly onMute: () => void;
  readonly onLeave: () => void;
}

/** The call that goes on while one is elsewhere. */
export function CallBar(props: CallBarProps): JSX.Element {
  const { children, onBack, isMuted, onMute, onLeave } = props;
  return (
    <section class="call-bar" aria-label="Current call">
      <button type="button" class="call-bar-back" onClick={onBack}>
        <Icon name="phone" />
        <span>
          <span class="visually-hidden">Back to the call:&#32;</span>
          {children}
        </span>
      </button>
      <button
        type="button"
        class={isMuted ? "call-bar-button is-off" : "call-bar-button"}
        aria-label={isMuted ? "Unmute" : "Mute"}
        title={isMuted ? "Unmute" : "Mute"}
        onClick={onMute}
      >
        <Icon name={isMuted ? CALL_ICONS.micOff : CALL_ICONS.mic} />
      </button>
      <button type="button" class="call-bar-button is-end" aria-label="Leave" title="Leave" onClick={onLeave}>
        <Icon name={CALL_ICONS.hangUp} />
      </button>
    </section>
  );
}

/** Props of `CallOffer`. */
export interface CallOfferProps {
  readonly children: ComponentChildren;
  readonly verb: string;
  readonly onAccept: () => void;
  /** Absent if it stays as long as it is true. */
  readonly onDismiss?: () => void;
}

/** A call that one can come back to. */
export function CallOffer({ children, verb, onAccept, onDismiss }: CallOfferProps): JSX.Element {
  return (
    <section class="call-bar is-offer" aria-label="Call to return to">
      <p>{children}</p>
      <button type="button" class="call-bar-verb" onClick={onAccept}>{verb}</button>
      {onDismiss === undefined ? null : (
        <button
          type="button"
          class="call-bar-button"
          aria-label="Dismiss"
          title="Dismiss"
          onClick={onDismiss}
        >
          <Icon name="x" />
        </button>
      )}
    </section>
  );
}
