import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { ParticipantId } from "../../shared/ids.ts";
import type { CallSession } from "../../shared/call/call_state.ts";
import { Icon } from "../ui/Icon.tsx";
import { useKeptFocus } from "../ui/use_kept_focus.ts";
import { CALL_ICONS } from "./call_icons.ts";
import type { CallHost, PersonActions } from "./call_host.ts";
import { arrangeTiles, closedScreens, facesOf, tileKey } from "./call_tiles.ts";
import type { Tile } from "./call_tiles.ts";
import { OwnScreenTile } from "./OwnScreenTile.tsx";
import { PersonTile } from "./PersonTile.tsx";
import { RingingTile } from "./RingingTile.tsx";
import { ScreenTile } from "./ScreenTile.tsx";
import type { StageModel } from "./stage_model.ts";

/** Props of `CallTiles`. */
export interface CallTilesProps {
  readonly host: CallHost;
  readonly session: CallSession;
  readonly stage: StageModel;
  readonly actions: PersonActions;
}

/** Everybody in the call, the screens that are shared, and those who are being called. */
export function CallTiles({ host, session, stage, actions }: CallTilesProps): JSX.Element {
  const faces = facesOf(session);
  const closed = stage.closed.value;
  const options = {
    layout: stage.layout.value,
    speaker: host.speaker.value,
    pinned: stage.pinned.value,
    closed,
  };
  const { big, rest } = arrangeTiles(faces, options);
  const sharing = faces.filter(({ media }) => media.screen).map(({ participantId }) => participantId);
  useEffect(() => stage.keepClosed(new Set(sharing)), [sharing.join()]);
  const { ref, onFocusIn } = useKeptFocus<HTMLDivElement>();
  const justClosed = useRef<ParticipantId | null>(null);
  const onClose = (participantId: ParticipantId) => {
    justClosed.current = participantId;
    stage.setClosed(participantId, true);
  };
  const takeFocus = (chip: HTMLButtonElement | null, participantId: ParticipantId) => {
    if (chip === null || justClosed.current !== participantId) return;
    justClosed.current = null;
    chip.focus();
  };
  const draw = (tile: Tile, isBig: boolean) => (
    <DrawnTile
      key={tileKey(tile)}
      {...{ host, stage, actions, tile, isBig, onClose }}
      isAlone={faces.length === 1}
    />
  );
  const rings = [...session.rings];
  return (
    <div class="call-view" ref={ref} onFocusIn={onFocusIn}>
      {closedScreens(faces, closed).map(({ participantId, userId }) => (
        <button
          key={participantId}
          type="button"
          class="call-chip"
          ref={(chip) => takeFocus(chip, participantId)}
          onClick={() => stage.setClosed(participantId, false)}
        >
          <Icon name={CALL_ICONS.screen} />
          <span>
            <bdi>{host.nameOf(userId)}</bdi> shares a screen · <b>Show</b>
          </span>
        </button>
      ))}
      <ul
        class="tiles"
        data-layout={big !== null ? "big" : isPair(rest, rings.length) ? "pair" : "grid"}
        style={measure(big, rest.length + rings.length)}
      >
        {/* One array, so that a picture goes on in its element when its tile changes places. */}
        {[
          ...big === null ? [] : [draw(big, true)],
          ...rings.map(([userId, state]) => (
            <RingingTile key={`ring:${userId}`} userId={userId} name={host.nameOf(userId)} state={state} />
          )),
          ...rest.map((tile) => draw(tile, false)),
        ]}
      </ul>
    </div>
  );
}

/** Of two, the other one has the space, and oneself stands in the corner. */
function isPair(tiles: readonly Tile[], ringCount: number): boolean {
  return tiles.length + ringCount === 2 && tiles.every(({ kind }) => kind === "face") &&
    tiles.some(({ face }) => face.isOwn);
}

/** Beside a big tile, others stand in one column, or in two from this many on. */
const ONE_COLUMN_MAX_COUNT = 5;
const GRID_MAX_COLUMNS = 4;

/** How many columns and rows the tiles have; more than fit scroll. */
function measure(big: Tile | null, count: number) {
  const columns = big === null
    ? Math.min(GRID_MAX_COLUMNS, Math.ceil(Math.sqrt(count)))
    : count === 0
    ? 0
    : count <= ONE_COLUMN_MAX_COUNT
    ? 1
    : 2;
  const columnsTall = count <= 2 ? 1 : 2;
  return {
    "--columns": Math.max(1, columns),
    "--columns-tall": columnsTall,
    "--rows": Math.max(1, Math.ceil(count / Math.max(1, columns))),
    "--rows-tall": Math.ceil(count / columnsTall),
  };
}

interface DrawnTileProps extends Pick<CallTilesProps, "host" | "stage" | "actions"> {
  readonly tile: Tile;
  readonly isBig: boolean;
  readonly isAlone: boolean;
  /** Closes a shared screen. */
  readonly onClose: (participantId: ParticipantId) => void;
}

function DrawnTile({ host, stage, actions, tile, isBig, isAlone, onClose }: DrawnTileProps): JSX.Element {
  const { face } = tile;
  const onPin = () => stage.togglePin(tileKey(tile));
  const screenMode = host.local.screenMode.value;
  switch (tile.kind) {
    case "face":
      return (
        <PersonTile
          host={host}
          face={face}
          isBig={isBig}
          actions={actions}
          {...(isAlone ? {} : { onPin })}
        />
      );
    case "screen":
      return (
        <ScreenTile
          face={face}
          name={host.nameOf(face.userId)}
          track={host.peers.value.get(face.participantId)?.tracks.value.screen ?? null}
          tools={{
            isBig,
            volume: host.sound.screenVolumeOf(face.participantId),
            onVolume: (volume) => host.sound.setScreenVolume(face.participantId, volume),
            onPin,
            onClose: () => onClose(face.participantId),
          }}
        />
      );
    case "own_screen":
      return (
        <OwnScreenTile
          mode={screenMode}
          hasSound={face.media.screenAudio}
          onMode={(mode) => host.local.setScreenMode(mode)}
          onStop={() => host.act({ type: "media", media: { screen: false, screenAudio: false } })}
        />
      );
  }
}
