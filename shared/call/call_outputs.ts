import type { ParticipantId } from "../ids.ts";
import { isForwarded, othersIn, sessionOf } from "./call_state.ts";
import type { CallState, PendingRing } from "./call_state.ts";
import type { Media } from "./call_types.ts";

/** One end of a link: a device in the call. */
export interface LinkEnd {
  readonly participantId: ParticipantId;
  readonly seq: number;
}

/** What a device holds and connects. It follows from the state alone, so nothing can be left over. */
export type CallOutput =
  /** The devices to hold; all others are released. */
  | { readonly type: "devices"; readonly media: Media }
  /** The links to keep; all others are closed. A link whose `seq` has changed is another one. */
  | { readonly type: "links"; readonly own: LinkEnd | null; readonly peers: readonly LinkEnd[] }
  /** Whether to be connected to the SFU. */
  | { readonly type: "sfu"; readonly isWanted: boolean };

const NO_MEDIA: Media = { mic: false, cam: false, screen: false, screenAudio: false };

/** The ring that is heard. A call for files takes nobody's attention, so it rings as if there were none. */
export function loudRing(state: CallState): PendingRing | null {
  const { stage, waiting } = state;
  if (stage.phase === "incoming") return stage.ring;
  return sessionOf(state)?.purpose === "files" ? waiting[0] ?? null : null;
}

/** A tone of a call: for whom it rings, and for the person who rings. */
export type CallTone = "ring" | "ringback";

/** The tone to play, unless nothing may ring; null for silence. */
export function toneOf(state: CallState): CallTone | null {
  const { stage } = state;
  if (loudRing(state) !== null) return "ring";
  if (stage.phase !== "outgoing") return null;
  const states = [...stage.session.rings.values()];
  return stage.session.own !== null && states.includes("ringing") ? "ringback" : null;
}

/** The rings to show quietly, as cards beside a call. One in the same room is about to become that call. */
export function quietRings(state: CallState): PendingRing[] {
  const session = sessionOf(state);
  if (session?.purpose === "files") return state.waiting.slice(1);
  return state.waiting.filter(({ roomId }) => roomId !== session?.roomId);
}

/** The devices to hold. */
export function devicesOf(state: CallState): Media {
  const session = sessionOf(state);
  if (session === null || session.purpose === "files") return NO_MEDIA;
  const { mic, cam, screen, screenAudio } = session.want;
  return { mic, cam, screen, screenAudio };
}

/** The links to keep. After a handover, those of the mesh stay until the SFU has taken over. */
export function linksOf(
  state: CallState,
): { readonly own: LinkEnd | null; readonly peers: readonly LinkEnd[] } {
  const session = sessionOf(state);
  if (session === null || session.own === null) return { own: null, peers: [] };
  if (isForwarded(session) && session.isSfuUp) return { own: session.own, peers: [] };
  const peers = othersIn(session).map(({ participantId, seq }) => ({ participantId, seq }));
  return { own: session.own, peers };
}

/** Whether to be connected to the SFU. */
export function isSfuWanted(state: CallState): boolean {
  const session = sessionOf(state);
  return session !== null && session.own !== null && isForwarded(session);
}

/** The outputs that differ between two states. */
export function changedOutputs(before: CallState, after: CallState): CallOutput[] {
  const changed: CallOutput[] = [];
  const media = devicesOf(after);
  // A lobby may have held others for a call that begins.
  const isBegun = isTalking(after) && !isTalking(before);
  if (isBegun || !isSame(media, devicesOf(before))) changed.push({ type: "devices", media });
  const links = linksOf(after);
  if (!isSame(links, linksOf(before))) changed.push({ type: "links", ...links });
  const isWanted = isSfuWanted(after);
  if (isWanted !== isSfuWanted(before)) changed.push({ type: "sfu", isWanted });
  return changed;
}

function isTalking(state: CallState): boolean {
  return sessionOf(state)?.purpose === "talk";
}

/** These are small values without functions, whose keys come in the same order. */
function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
