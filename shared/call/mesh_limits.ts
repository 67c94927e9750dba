import type { ParticipantId } from "../ids.ts";
import type { Media, Participant } from "./call_types.ts";

/** How many devices a mesh holds whatever they send. */
export const MESH_PICTURES_MAX_COUNT = 4;
/** How many it holds with at most one moving picture in all. */
export const MESH_MAX_COUNT = 6;

type Pictures = Pick<Media, "cam"> & Partial<Pick<Media, "screen">>;
type Member = Pick<Participant, "participantId" | "media">;

/** How many moving pictures are sent: a camera and a screen of one device are two. */
export function countPictures(medias: Iterable<Pictures>): number {
  let count = 0;
  for (const { cam, screen = false } of medias) count += Number(cam) + Number(screen);
  return count;
}

/** Whether devices that send this can be in one call without an SFU. */
export function fitsMesh(medias: readonly Pictures[]): boolean {
  if (medias.length <= MESH_PICTURES_MAX_COUNT) return true;
  return medias.length <= MESH_MAX_COUNT && countPictures(medias) <= 1;
}

/**
 * Whether a device may join with this media, or change its media to it. A participant that is there already, and
 * joins from another tab or changes what it sends, is not counted twice.
 */
export function hasRoomFor(
  members: readonly Member[],
  media: Pictures,
  participantId: ParticipantId | null = null,
): boolean {
  const others = members.filter((member) => member.participantId !== participantId);
  // What takes no more than before is always allowed, even if a fallback from an SFU left too many in the call.
  const before = members.find((member) => member.participantId === participantId);
  if (before !== undefined && countPictures([media]) <= countPictures([before.media])) return true;
  return fitsMesh([...others.map((member) => member.media), media]);
}
