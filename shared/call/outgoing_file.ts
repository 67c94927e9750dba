import { CHUNK_BYTES } from "./file_message.ts";
import { isFinal, tell, WINDOW_BYTES } from "./file_transfer.ts";
import type { FilesDraft, FilesEvent, OutgoingFile } from "./file_transfer.ts";

/** Applies an event to a file that this device sends. */
export function applyToOutgoing(draft: FilesDraft, file: OutgoingFile, event: FilesEvent): void {
  const { fileId } = file;
  switch (event.type) {
    case "message":
      return messageArrived(draft, file, event.message);
    case "cancel":
      changeOutgoing(draft, fileId, { phase: "cancelled" });
      return tell(draft, { type: "cancel", fileId });
    case "file_failed":
      changeOutgoing(draft, fileId, { phase: "failed" });
      return tell(draft, { type: "cancel", fileId });
    case "hashed":
      changeOutgoing(draft, fileId, { hash: event.hash, movedAt: draft.nowMs });
      if (file.phase === "checking") tell(draft, { type: "complete", fileId, hash: event.hash });
  }
}

function messageArrived(
  draft: FilesDraft,
  file: OutgoingFile,
  message: Extract<FilesEvent, { type: "message" }>["message"],
): void {
  const { fileId, phase, size, acked, sent, hash } = file;
  const { nowMs: movedAt } = draft;
  switch (message.type) {
    case "accept":
      // A receiver that asks again in the middle would get chunks that it does not expect.
      if (message.offset > size || file.isAccepted) return;
      return changeOutgoing(draft, fileId, {
        phase: "waiting",
        isAccepted: true,
        acked: message.offset,
        sent: message.offset,
        movedAt,
      });
    case "ack":
      if (message.offset > acked && message.offset <= sent) {
        changeOutgoing(draft, fileId, { acked: message.offset, movedAt });
      }
      return;
    case "checked":
      // Only a file whose hash was told can have been compared.
      if (hash !== null) {
        changeOutgoing(draft, fileId, { phase: message.isEqual ? "done" : "damaged", acked: size });
      }
      return;
    case "decline":
      return changeOutgoing(draft, fileId, { phase: "declined" });
    case "cancel":
      return changeOutgoing(draft, fileId, { phase: phase === "offered" ? "declined" : "cancelled" });
  }
}

/** Sends the next chunk of the first file that is not sent yet, if the channel and the receiver have room. */
export function sendNext(draft: FilesDraft): void {
  const { isOpen, reading, isFull, outgoing } = draft.state;
  for (const file of outgoing) if (file.isAccepted && file.sent === file.size) finishSending(draft, file);
  const file = outgoing.find((one) => !isFinal(one) && one.isAccepted && one.sent < one.size);
  if (file === undefined || !isOpen || reading !== null || isFull) return;
  const { fileId, sent: offset, size, acked, phase } = file;
  if (phase === "waiting") changeOutgoing(draft, fileId, { phase: "sending", movedAt: draft.nowMs });
  if (offset - acked >= WINDOW_BYTES) return;
  const length = Math.min(CHUNK_BYTES, size - offset);
  draft.state = { ...draft.state, reading: { fileId, offset } };
  changeOutgoing(draft, fileId, { sent: offset + length });
  draft.effects.push({ type: "send_chunk", fileId, offset, length });
}

/** The channel keeps the order, so the hash arrives after the last chunk. */
function finishSending(draft: FilesDraft, { fileId, phase, hash }: OutgoingFile): void {
  if (phase !== "sending" && phase !== "waiting") return;
  const { reading } = draft.state;
  if (reading?.fileId === fileId) return;
  changeOutgoing(draft, fileId, { phase: "checking", movedAt: draft.nowMs });
  if (hash === null) draft.effects.push({ type: "hash", fileId });
  else tell(draft, { type: "complete", fileId, hash });
}

/** Offers a file, for the first time or on a new channel. */
export function sendOffer(draft: FilesDraft, { fileId, name, size }: OutgoingFile): void {
  tell(draft, { type: "offer", fileId, name, size });
}

function changeOutgoing(draft: FilesDraft, fileId: string, changes: Partial<OutgoingFile>): void {
  const outgoing = draft.state.outgoing.map((file) =>
    file.fileId === fileId ? { ...file, ...changes } : file
  );
  draft.state = { ...draft.state, outgoing };
}
