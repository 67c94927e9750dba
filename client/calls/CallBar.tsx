import type { ComponentChildren, JSX } from "preact";
import { Icon } from "../ui/Icon.tsx";
import type { IconChoice } from "../ui/icons.ts";
import { CALL_ICONS } from "./call_icons.ts";

/** Props of `CallBar`. */
export interface CallBarProps {
  /** What leads back, and says which call it is. */
  readonly children: ComponentChildren;
  readonly onBack: () => void;
  readonly isMuted: boolean;
  readonly onMute: () => void;
  /** Null while no screen is shared. */
  readonly onStopSharing: (() => void) | null;
  readonly onLeave: () => void;
}

/** The call that goes on while one is elsewhere. */
export function CallBar(props: CallBarProps): JSX.Element {
  const { children, onBack, isMuted, onMute, onStopSharing, onLeave } = props;
  return (
    <section class="call-bar" aria-label="Current call">
      <button type="button" class="call-bar-back" onClick={onBack}>
        <Icon name="phone" />
        <span>
          <span class="visually-hidden">Back to the call:&#32;</span>
          {children}
        </span>
      </button>
      {onStopSharing === null ? null : (
        <BarButton
          icon={CALL_ICONS.screenOff}
          label="Stop sharing"
          kind="is-off"
          onClick={onStopSharing}
        />
      )}
      <BarButton
        icon={isMuted ? CALL_ICONS.micOff : CALL_ICONS.mic}
        label={isMuted ? "Unmute" : "Mute"}
        kind={isMuted ? "is-off" : ""}
        onClick={onMute}
      />
      <BarButton icon={CALL_ICONS.hangUp} label="Leave" kind="is-end" onClick={onLeave} />
    </section>
  );
}

interface BarButtonProps {
  readonly icon: IconChoice;
  readonly label: string;
  readonly kind?: "is-off" | "is-end" | "";
  readonly onClick: () => void;
}

function BarButton({ icon, label, kind = "", onClick }: BarButtonProps): JSX.Element {
  return (
    <button
      type="button"
      class={`call-bar-button ${kind}`}
      aria-label={label}
      title={label}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
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
      {onDismiss === undefined ? null : <BarButton icon="x" label="Dismiss" onClick={onDismiss} />}
    </section>
  );
}
