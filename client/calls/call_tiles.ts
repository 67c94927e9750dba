import { handOrder } from "../../shared/call/hand_order.ts";
import type { CallSession } from "../../shared/call/call_state.ts";
import type { Media, Participant } from "../../shared/call/call_types.ts";
import type { ParticipantId, UserId } from "../../shared/ids.ts";

/** A participant as a tile shows them, by what they have told. */
export interface Face {
  readonly participantId: ParticipantId;
  readonly userId: UserId;
  readonly isOwn: boolean;
  readonly media: Media;
  /** Their place among the raised hands, from 1; null if the hand is down. */
  readonly handPlace: number | null;
}

/** What a tile shows. */
export type Tile =
  | { readonly kind: "face"; readonly face: Face }
  /** A screen that somebody else shares. */
  | { readonly kind: "screen"; readonly face: Face }
  /** The user's own screen is never shown to themselves, since it would show itself. */
  | { readonly kind: "own_screen"; readonly face: Face };

/** How tiles are arranged: all alike, or one big and the others beside it. */
export type TileLayout = "grid" | "speaker";

/** What decides the arrangement. */
export interface ArrangeOptions {
  readonly layout: TileLayout;
  readonly speaker: ParticipantId | null;
  /** The key of the tile that the user made big. */
  readonly pinned: string | null;
  /** Those whose screens the user has closed. */
  readonly closed: ReadonlySet<ParticipantId>;
}

/** Where the tiles are. */
export interface Arrangement {
  readonly big: Tile | null;
  readonly rest: readonly Tile[];
}

/** The key of a tile, the same as long as it shows the same. */
export function tileKey({ kind, face }: Tile): string {
  return `${kind}:${face.participantId}`;
}

/** Lists the participants: others in the order in which they joined, the user last. */
export function facesOf(session: CallSession): Face[] {
  const { call, own, want } = session;
  if (call === null) return [];
  const hands = handOrder(call.participants).map(({ participantId }) => participantId);
  const faces = call.participants.toSorted((a, b) => a.seq - b.seq).map((one) => {
    const isOwn = one.participantId === own?.participantId;
    return faceOf(one, { isOwn, media: isOwn ? want : one.media, hands });
  });
  return [...faces.filter(({ isOwn }) => !isOwn), ...faces.filter(({ isOwn }) => isOwn)];
}

function faceOf(
  { participantId, userId }: Participant,
  { isOwn, media, hands }: {
    readonly isOwn: boolean;
    readonly media: Media;
    readonly hands: readonly ParticipantId[];
  },
): Face {
  const handPlace = hands.indexOf(participantId) + 1;
  return { participantId, userId, isOwn, media, handPlace: handPlace === 0 ? null : handPlace };
}

/** Arranges the tiles. A screen that is shared is big, unless it is closed. */
export function arrangeTiles(faces: readonly Face[], options: ArrangeOptions): Arrangement {
  const { layout, speaker, pinned, closed } = options;
  const tiles: Tile[] = [
    ...faces.filter(({ isOwn, media, participantId }) => !isOwn && media.screen && !closed.has(participantId))
      .map((face): Tile => ({ kind: "screen", face })),
    ...faces.filter(({ isOwn, media }) => isOwn && media.screen)
      .map((face): Tile => ({ kind: "own_screen", face })),
    ...faces.map((face): Tile => ({ kind: "face", face })),
  ];
  const big = tiles.find((tile) => tileKey(tile) === pinned) ??
    tiles.find(({ kind }) => kind === "screen") ??
    (layout === "speaker" ? bigFace(tiles, speaker) : null);
  return { big, rest: tiles.filter((tile) => tile !== big) };
}

/** Nobody wants to see themselves big. */
function bigFace(tiles: readonly Tile[], speaker: ParticipantId | null): Tile | null {
  const others = tiles.filter(({ kind, face }) => kind === "face" && !face.isOwn);
  return others.find(({ face }) => face.participantId === speaker) ?? others[0] ?? null;
}

/** Those whose screens the user has closed, and who still share them. */
export function closedScreens(faces: readonly Face[], closed: ReadonlySet<ParticipantId>): Face[] {
  return faces.filter(({ isOwn, media, participantId }) =>
    !isOwn && media.screen && closed.has(participantId)
  );
}
