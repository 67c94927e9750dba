import { FILE_MAX_BYTES } from "../../../shared/call/file_message.ts";
import { FILES_MAX_COUNT } from "../../../shared/call/file_transfer.ts";
import type { FinalPhase, IncomingPhase, OutgoingPhase } from "../../../shared/call/file_transfer.ts";
import type { UserId } from "../../../shared/ids.ts";
import type { PickedFile } from "./picked_file.ts";
import type { FileFailure } from "./worker_messages.ts";

/** Where a file is, as the person sees it. */
export type CardPhase =
  | OutgoingPhase
  | IncomingPhase
  /** To be sent, and the other person has not joined. */
  | "calling"
  /** To be sent, and the other person has left. */
  | "interrupted"
  /** Was being sent before the page was loaded again, and has to be chosen again. */
  | "lost_source"
  /** To be received, and the other person is there, but has not gone on with it. */
  | "awaited";

/** Why a file cannot be accepted now. */
export interface SpaceProblem {
  readonly neededBytes: number;
  readonly freeBytes: number;
}

/** Why files cannot be offered. */
export type OfferProblem = "too_large" | "too_many" | null;

/** One file, whichever way it goes, as a card shows it. */
export interface FileCard {
  readonly key: string;
  readonly fileId: string;
  readonly peerId: UserId;
  readonly isIncoming: boolean;
  readonly name: string;
  readonly size: number;
  readonly phase: CardPhase;
  /** Whether there is a path to the other person now. */
  readonly isConnected: boolean;
  /** What has arrived at the other side, or here. */
  readonly doneBytes: number;
  /** Null until it is known. */
  readonly bytesPerSecond: number | null;
  readonly failure: FileFailure | null;
  /** Whether another tab receives it. */
  readonly isHeld: boolean;
  readonly space: SpaceProblem | null;
  /** Whether the file lies here and can be saved. */
  readonly isKept: boolean;
  readonly isSaved: boolean;
  /** Whether the browser remembers a file that has to be there again. */
  readonly hasHandle: boolean;
}

const OVER: ReadonlySet<CardPhase> = new Set<FinalPhase>([
  "done",
  "damaged",
  "declined",
  "cancelled",
  "failed",
]);

/** Whether nothing more happens to a file. */
export function isOver({ phase }: Pick<FileCard, "phase">): boolean {
  return OVER.has(phase);
}

/** Whether a card has nothing more to say: it is over, and what arrived is saved. */
export function isSettled(card: FileCard): boolean {
  return isOver(card) && (!card.isKept || card.isSaved);
}

/** Whether a file goes on when the other person is there again. */
export function isInterrupted({ phase, isIncoming, isConnected, isHeld }: FileCard): boolean {
  if (isConnected || isHeld) return false;
  return phase === "interrupted" || (isIncoming && phase === "receiving");
}

/** Whether bytes are on their way. */
export function isMoving({ phase, isConnected }: Pick<FileCard, "phase" | "isConnected">): boolean {
  return isConnected && (phase === "sending" || phase === "receiving");
}

/** Returns why a file does not fit beside those that are accepted already; null if it does, or if nobody knows. */
export function spaceProblem(
  { size }: FileCard,
  cards: readonly FileCard[],
  freeBytes: number | null,
): SpaceProblem | null {
  if (freeBytes === null) return null;
  const coming = cards.filter(({ phase }) => phase === "receiving" || phase === "awaited");
  const left = Math.max(0, freeBytes - coming.reduce((sum, one) => sum + one.size - one.doneBytes, 0));
  return left < size ? { neededBytes: size, freeBytes: left } : null;
}

/** Returns why a person cannot be offered these files beside those that are offered already; null if they can. */
export function offerProblem(
  peerId: UserId,
  picked: readonly PickedFile[],
  cards: readonly FileCard[],
): OfferProblem {
  if (picked.some(({ file }) => file.size > FILE_MAX_BYTES)) return "too_large";
  const open = cards.filter((card) => card.peerId === peerId && !card.isIncoming && !isOver(card));
  return open.length + picked.length > FILES_MAX_COUNT ? "too_many" : null;
}
