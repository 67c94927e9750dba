import { CHUNK_BYTES } from "./file_message.ts";
import type { FileMessage } from "./file_message.ts";
import { ACK_BYTES, BACKLOG_BYTES, FILES_MAX_COUNT, isFinal, tell, WINDOW_BYTES } from "./file_transfer.ts";
import type { FilesDraft, FilesEvent, IncomingFile } from "./file_transfer.ts";

type EventOf<Type extends FilesEvent["type"]> = Extract<FilesEvent, { type: Type }>;

/** Takes an offer: a new one waits for an act of the person, one that is known says how far it has come. */
export function takeOffer(draft: FilesDraft, offer: Extract<FileMessage, { type: "offer" }>): void {
  const { fileId, name, size } = offer;
  const { outgoing, incoming } = draft.state;
  const known = incoming.find((file) => file.fileId === fileId);
  if (known !== undefined) {
    changeIncoming(draft, fileId, { isOffered: true });
    return takeKnownOffer(draft, known, size);
  }
  // An id stands for one file, in one direction.
  const isTaken = outgoing.some((file) => file.fileId === fileId);
  if (isTaken || incoming.filter((file) => !isFinal(file)).length >= FILES_MAX_COUNT) {
    return tell(draft, { type: "decline", fileId });
  }
  addIncoming(draft, { fileId, name, size, phase: "offered", stored: 0, isOffered: true });
}

/** Takes a file that was received before, in whole or in part. */
export function restoreFile(draft: FilesDraft, event: EventOf<"restore">): void {
  const { fileId, name, size, isDone } = event;
  const { outgoing, incoming } = draft.state;
  if ([...outgoing, ...incoming].some((file) => file.fileId === fileId)) return;
  addIncoming(draft, {
    fileId,
    name,
    size,
    phase: isDone ? "done" : "receiving",
    stored: isDone ? size : 0,
    isOffered: false,
  });
}

function addIncoming(
  draft: FilesDraft,
  file: Pick<IncomingFile, "fileId" | "name" | "size" | "phase" | "stored" | "isOffered">,
): void {
  const { stored } = file;
  const added = { ...file, isOpen: false, received: stored, acked: stored, hash: null, movedAt: draft.nowMs };
  draft.state = { ...draft.state, incoming: [...draft.state.incoming, added] };
}

function takeKnownOffer(draft: FilesDraft, file: IncomingFile, size: number): void {
  const { fileId, phase, stored } = file;
  // An id stands for one file.
  if (size !== file.size) {
    return isFinal(file) ? tell(draft, { type: "cancel", fileId }) : failFile(draft, file);
  }
  switch (phase) {
    case "receiving":
      if (file.isOpen) return tell(draft, { type: "accept", fileId, offset: stored });
      return void draft.effects.push({ type: "open", fileId, size, isNew: false });
    case "checking":
    case "done":
    case "damaged":
      // Nothing is missing: the sender only has to tell the hash.
      return tell(draft, { type: "accept", fileId, offset: file.size });
    case "declined":
      return tell(draft, { type: "decline", fileId });
    case "cancelled":
    case "failed":
      return tell(draft, { type: "cancel", fileId });
  }
}

/** Tells the result again to a sender that has not heard of it. */
export function answerAgain(draft: FilesDraft, { fileId, phase }: IncomingFile, message: FileMessage): void {
  if (message.type !== "complete" || (phase !== "done" && phase !== "damaged")) return;
  tell(draft, { type: "checked", fileId, isEqual: phase === "done" });
}

/** Applies an event to a file that this device receives. */
export function applyToIncoming(draft: FilesDraft, file: IncomingFile, event: FilesEvent): void {
  const { fileId } = file;
  switch (event.type) {
    case "message":
      return messageArrived(draft, file, event.message);
    case "accept":
      if (file.phase !== "offered") return;
      changeIncoming(draft, fileId, { phase: "receiving", movedAt: draft.nowMs });
      return void draft.effects.push({ type: "open", fileId, size: file.size, isNew: true });
    case "opened":
      return opened(draft, file, event);
    case "decline":
      if (file.phase !== "offered") return;
      changeIncoming(draft, fileId, { phase: "declined" });
      return tell(draft, { type: "decline", fileId });
    case "cancel":
      return endFile(draft, file, "cancelled");
    case "file_failed":
      return failFile(draft, file);
    case "chunk":
      return chunkArrived(draft, file, event);
    case "stored":
      return stored(draft, file, event);
    case "hashed":
      return compare(draft, file, event.hash);
  }
}

function messageArrived(draft: FilesDraft, file: IncomingFile, message: FileMessage): void {
  if (message.type === "cancel") return endFile(draft, file, "cancelled", false);
  if (message.type !== "complete" || file.phase !== "receiving") return;
  // The channel keeps the order, so chunks that are missing now do not come.
  if (!file.isOpen || file.received < file.size) return failFile(draft, file);
  changeIncoming(draft, file.fileId, { hash: message.hash });
  checkIfStored(draft, file.fileId);
}

function opened(draft: FilesDraft, file: IncomingFile, event: EventOf<"opened">): void {
  const { fileId, phase, size, isOpen } = file;
  if (phase !== "receiving" || isOpen) return;
  const offset = Math.min(event.offset, size);
  const { nowMs: movedAt } = draft;
  changeIncoming(draft, fileId, { isOpen: true, received: offset, stored: offset, acked: offset, movedAt });
  tell(draft, { type: "accept", fileId, offset });
}

function chunkArrived(draft: FilesDraft, file: IncomingFile, { offset, length }: EventOf<"chunk">): void {
  const { fileId, phase, received, size } = file;
  if (phase !== "receiving") return;
  // Nobody who waits to be told where to begin sends anything.
  if (!file.isOpen) return failFile(draft, file);
  if (offset < received) return;
  const isExpected = offset === received && length > 0 && length <= CHUNK_BYTES && offset + length <= size;
  // A sender that does not wait for acknowledgements would fill the memory.
  const isTooEarly = received - file.stored >= WINDOW_BYTES + BACKLOG_BYTES + ACK_BYTES;
  if (!isExpected || isTooEarly) return failFile(draft, file);
  changeIncoming(draft, fileId, { received: offset + length, movedAt: draft.nowMs });
  draft.effects.push({ type: "store", fileId, offset, length });
  acknowledge(draft, fileId);
}

function stored(draft: FilesDraft, file: IncomingFile, { offset }: EventOf<"stored">): void {
  const { fileId, received } = file;
  if (offset <= file.stored || offset > received) return;
  changeIncoming(draft, fileId, { stored: offset, movedAt: draft.nowMs });
  acknowledge(draft, fileId);
  checkIfStored(draft, fileId);
}

/** After an interruption it goes on from what is stored, whatever was acknowledged. */
function acknowledge(draft: FilesDraft, fileId: string): void {
  const file = draft.state.incoming.find((one) => one.fileId === fileId);
  if (file === undefined) return;
  const { received, size, acked } = file;
  const offset = Math.min(received, file.stored + BACKLOG_BYTES);
  if (offset - acked < ACK_BYTES && (offset < size || acked === size)) return;
  changeIncoming(draft, fileId, { acked: offset });
  tell(draft, { type: "ack", fileId, offset });
}

function checkIfStored(draft: FilesDraft, fileId: string): void {
  const file = draft.state.incoming.find((one) => one.fileId === fileId);
  if (file === undefined || file.phase !== "receiving" || file.hash === null || file.stored < file.size) {
    return;
  }
  changeIncoming(draft, fileId, { phase: "checking", movedAt: draft.nowMs });
  draft.effects.push({ type: "hash", fileId });
}

function compare(draft: FilesDraft, file: IncomingFile, hash: string): void {
  if (file.phase !== "checking") return;
  const { fileId } = file;
  const isEqual = hash === file.hash;
  changeIncoming(draft, fileId, { phase: isEqual ? "done" : "damaged" });
  if (!isEqual) draft.effects.push({ type: "discard", fileId });
  tell(draft, { type: "checked", fileId, isEqual });
}

function failFile(draft: FilesDraft, file: IncomingFile): void {
  endFile(draft, file, "failed");
}

function endFile(
  draft: FilesDraft,
  { fileId }: IncomingFile,
  phase: "cancelled" | "failed",
  isTold = true,
): void {
  changeIncoming(draft, fileId, { phase });
  draft.effects.push({ type: "discard", fileId });
  if (isTold) tell(draft, { type: "cancel", fileId });
}

function changeIncoming(draft: FilesDraft, fileId: string, changes: Partial<IncomingFile>): void {
  const incoming = draft.state.incoming.map((file) =>
    file.fileId === fileId ? { ...file, ...changes } : file
  );
  draft.state = { ...draft.state, incoming };
}
