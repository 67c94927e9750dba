import { formatBytes } from "../../ui/format_bytes.ts";
import { describeWait } from "../../ui/failure.ts";
import { isMoving } from "./file_card.ts";
import type { FileCard } from "./file_card.ts";
import type { FileFailure } from "./worker_messages.ts";

const FAILURES: Record<FileFailure, string> = {
  storage_full: "There is no space left on this device.",
  storage_failed: "This browser could not store it.",
  source_changed: "The file was changed, moved or deleted.",
};

/** Said to those whose browser has no place for files. */
export const CANNOT_RECEIVE =
  "This window cannot store files, as some private windows cannot. Open Parley in another one to receive it.";

/**
 * Returns where a file is, in a few words; `name` is that of the other person. `canGoOn` is true where a button beside
 * it goes on with what was interrupted, so that nobody has to wait for the other person.
 */
export function describeFile(card: FileCard, name: string, canGoOn: boolean): string {
  const { phase, isIncoming, size, space, failure, isConnected } = card;
  const interrupted = canGoOn
    ? `Interrupted at ${formatBytes(card.doneBytes)} of ${formatBytes(size)}`
    : `Interrupted. Goes on when ${name} is back.`;
  switch (phase) {
    case "offered":
      if (!isIncoming) return `Waiting for ${name} to accept`;
      return space === null ? formatBytes(size) : describeSpace(space.neededBytes, space.freeBytes);
    case "calling":
      return `Waiting for ${name} to accept`;
    case "waiting":
      return "Waits for the file before it";
    case "sending":
    case "receiving":
      if (card.isHeld) return "Another tab receives it. It goes on here when that one stops.";
      return isMoving(card) ? describeProgress(card) : interrupted;
    case "awaited":
      return `${formatBytes(card.doneBytes)} of ${formatBytes(size)}. Waiting for ${name} to go on.`;
    case "checking":
      return isConnected ? "Checking that it arrived whole…" : interrupted;
    case "interrupted":
      return interrupted;
    case "lost_source":
      return card.hasHandle ? "Interrupted by a reload" : "Choose the file again to go on";
    case "done":
      return describeDone(card, name);
    case "damaged":
      return isIncoming
        ? `Arrived damaged. Ask ${name} to send it again.`
        : "Arrived damaged. Send it again.";
    case "declined":
      return isIncoming ? "Declined" : `${name} did not accept it`;
    case "cancelled":
      return "Cancelled";
    case "failed":
      return failure === null ? "It got stuck. Send it again." : FAILURES[failure];
  }
}

/** Says that a file does not fit. */
function describeSpace(neededBytes: number, freeBytes: number): string {
  return `Not enough space: needs ${formatBytes(neededBytes)}, ${formatBytes(freeBytes)} free`;
}

function describeProgress({ doneBytes, size, bytesPerSecond, isIncoming }: FileCard): string {
  const parts = [`${formatBytes(doneBytes)} of ${formatBytes(size)}`];
  // Whoever receives nothing yet waits for other files of the same person.
  if (doneBytes === 0 && isIncoming) return `${formatBytes(size)}, begins soon`;
  if (bytesPerSecond !== null && bytesPerSecond > 0) {
    parts.push(`${formatBytes(bytesPerSecond)}/s`);
    parts.push(`${describeWait((size - doneBytes) / bytesPerSecond * 1_000)} left`);
  }
  return parts.join(" · ");
}

function describeDone({ isIncoming, size, isKept, isSaved }: FileCard, name: string): string {
  if (!isIncoming) return `${name} has it`;
  if (isSaved) return `${formatBytes(size)}, saved`;
  return isKept ? `${formatBytes(size)} from ${name}. Save it within a day.` : "No longer kept here";
}
