import type { JSX } from "preact";
import { useId } from "preact/hooks";
import type { UserId } from "../../shared/ids.ts";
import { Face } from "../ui/Face.tsx";
import { Icon } from "../ui/Icon.tsx";
import { CALL_ICONS } from "./call_icons.ts";

/** Props of `RingCard`. */
export interface RingCardProps {
  readonly by: UserId;
  readonly name: string;
  /** Null in a direct room. */
  readonly roomName: string | null;
  readonly hasVideo: boolean;
  /** Beside a call: quiet, and accepting it leaves the call. */
  readonly isQuiet: boolean;
  readonly onAccept: (hasCamera: boolean) => void;
  readonly onDecline: () => void;
}

/** Somebody calls. */
export function RingCard(props: RingCardProps): JSX.Element {
  const { by, name, roomName, hasVideo, isQuiet, onAccept, onDecline } = props;
  const id = useId();
  const what = hasVideo ? "Video call" : "Call";
  return (
    <section class={isQuiet ? "ring-card is-quiet" : "ring-card"} aria-labelledby={id}>
      <Face id={by} name={name} size="m" />
      <div class="ring-words" id={id}>
        <b>
          <bdi>{name}</bdi> is calling
        </b>
        <span>
          {roomName === null ? what : `${what} in `}
          {roomName === null ? null : <bdi>{roomName}</bdi>}
        </span>
      </div>
      <div class="ring-buttons">
        <button type="button" class="ring-accept" onClick={() => onAccept(false)}>
          <Icon name="phone" />
          <span>{isQuiet ? "Leave and answer" : "Accept"}</span>
        </button>
        {isQuiet ? null : (
          <button type="button" class="ring-accept is-second" onClick={() => onAccept(true)}>
            <Icon name={CALL_ICONS.camera} />
            <span>With camera</span>
          </button>
        )}
        <button type="button" class="ring-decline" onClick={onDecline}>
          <Icon name={CALL_ICONS.hangUp} />
          <span>Decline</span>
        </button>
      </div>
    </section>
  );
}
