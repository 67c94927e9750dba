import type { ComponentChildren, JSX } from "preact";
import { Face } from "../ui/Face.tsx";
import { Icon } from "../ui/Icon.tsx";
import { CALL_ICONS } from "./call_icons.ts";
import type { Face as FaceInCall } from "./call_tiles.ts";
import type { LinkTrouble } from "./link_trouble.ts";
import { TrackVideo } from "./TrackVideo.tsx";

/** Props of `FaceTile`. */
export interface FaceTileProps {
  readonly face: FaceInCall;
  /** The name, also one's own. */
  readonly name: string;
  /** The picture that has arrived; it is shown only if the participant says that it is on. */
  readonly track: MediaStreamTrack | null;
  readonly trouble: LinkTrouble | null;
  readonly isSpeaking: boolean;
  readonly isBig: boolean;
  /** The user's own picture of the front camera. */
  readonly isMirrored: boolean;
  /** Makes the tile big, or small again; absent if there is nothing to choose. */
  readonly onPin?: () => void;
  /** The menu of the tile. */
  readonly children?: ComponentChildren;
}

/** A participant: the picture or the face, the name, and what is to be known about them. */
export function FaceTile(props: FaceTileProps): JSX.Element {
  const { face, name, track, trouble, isSpeaking, isBig, isMirrored, onPin, children } = props;
  const { media, handPlace, isOwn } = face;
  const whom = isOwn ? "yourself" : name;
  const isAway = trouble?.label === "Connecting…" || trouble?.label === "Reconnecting…";
  const classes = [
    "tile",
    isOwn ? "is-own" : "",
    isBig ? "is-big" : "",
    isSpeaking ? "is-speaking" : "",
    isAway ? "is-away" : "",
  ];
  return (
    <li class={classes.filter(Boolean).join(" ")} data-participant={face.participantId}>
      {media.cam && track !== null
        ? <TrackVideo track={track} isMirrored={isMirrored} isWhole={isBig} />
        : <Face id={face.userId} name={name} size="m" />}
      {onPin === undefined ? null : (
        <button
          type="button"
          class="tile-pin"
          aria-label={isBig ? `Make ${whom} small` : `Make ${whom} big`}
          onClick={onPin}
        />
      )}
      {trouble === null ? null : (
        <span class="tile-trouble">
          {trouble.label}
          {trouble.reason === null ? null : <small>{` · ${trouble.reason}`}</small>}
        </span>
      )}
      {handPlace === null ? null : (
        <span class="tile-hand">
          <Icon name={CALL_ICONS.hand} />
          <span aria-hidden="true">{handPlace}</span>
          <span class="visually-hidden">{`${isOwn ? "You" : name} raised a hand, number ${handPlace}`}</span>
        </span>
      )}
      <span class="tile-name">
        {media.mic ? null : (
          <>
            <Icon name={CALL_ICONS.micOff} />
            <span class="visually-hidden">Muted:&#32;</span>
          </>
        )}
        <bdi>{isOwn ? "You" : name}</bdi>
        {isSpeaking ? <span class="visually-hidden">, speaking</span> : null}
      </span>
      {children}
    </li>
  );
}
