import type { JSX } from "preact";
import { isForwarded, sessionOf } from "../../shared/call/call_state.ts";
import { Icon } from "../ui/Icon.tsx";
import type { CallHost, PersonActions } from "./call_host.ts";
import type { Face } from "./call_tiles.ts";
import { useLinkQuality } from "./doctor/use_link_quality.ts";
import { FaceTile } from "./FaceTile.tsx";
import { describeLink } from "./link_trouble.ts";
import type { LinkTrouble } from "./link_trouble.ts";
import { Popover } from "./Popover.tsx";
import { VolumeField } from "./VolumeField.tsx";

/** Props of `PersonTile`. */
export interface PersonTileProps {
  readonly host: CallHost;
  readonly face: Face;
  readonly isBig: boolean;
  /** Null where there is no space for a menu. */
  readonly actions: PersonActions | null;
  readonly onPin?: () => void;
}

/** A participant with what has arrived from them, or what is captured here. */
export function PersonTile({ host, face, isBig, actions, onPin }: PersonTileProps): JSX.Element {
  const name = host.nameOf(face.userId);
  const peer = face.isOwn ? null : host.peers.value.get(face.participantId) ?? null;
  const quality = useLinkQuality(peer);
  const tracks = face.isOwn ? host.local.tracks : peer?.tracks;
  const trouble = face.isOwn ? null : peer === null ? WAITING : describeLink(peer.phase.value, quality);
  return (
    <FaceTile
      face={face}
      name={name}
      track={tracks?.value.cam ?? null}
      trouble={trouble}
      isSpeaking={host.speaking.value === face.participantId}
      isBig={isBig}
      isMirrored={face.isOwn && host.preferences.settings.value.facing === "user"}
      {...(onPin === undefined ? {} : { onPin })}
    >
      {face.isOwn || actions === null
        ? null
        : <PersonMenu host={host} face={face} name={name} actions={actions} />}
    </FaceTile>
  );
}

const WAITING: LinkTrouble = { label: "Connecting…", reason: null };

interface PersonMenuProps extends Pick<PersonTileProps, "host" | "face"> {
  readonly actions: PersonActions;
  readonly name: string;
}

/** How loud somebody is, and what else one can do about them. */
function PersonMenu({ host, face, name, actions }: PersonMenuProps): JSX.Element {
  const { participantId, userId, media } = face;
  const { onSafetyCode, onModerate } = actions;
  const session = sessionOf(host.state.value);
  return (
    <Popover label={`Options for ${name}`} class="tile-menu" button={<Icon name="ellipsis" />}>
      {(close) => {
        const item = (label: string, act: () => void, isDanger = false) => (
          <button
            type="button"
            class={isDanger ? "menu-item is-danger" : "menu-item"}
            onClick={() => {
              close();
              act();
            }}
          >
            {label}
          </button>
        );
        return (
          <>
            <VolumeField
              label={`Volume of ${name}`}
              value={host.preferences.volumeOf(userId)}
              onValue={(volume) => host.preferences.setVolume(userId, volume)}
            />
            {item(
              session !== null && isForwarded(session)
                ? "Not end-to-end encrypted"
                : "Compare the safety code",
              () => onSafetyCode(participantId),
            )}
            {onModerate === undefined || !media.mic
              ? null
              : item(`Mute ${name}`, () => onModerate(participantId, "mute"))}
            {onModerate === undefined
              ? null
              : item(`Remove ${name} from the call`, () => onModerate(participantId, "remove"), true)}
          </>
        );
      }}
    </Popover>
  );
}
