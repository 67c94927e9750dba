import { FILES_MAX_COUNT, HIGH_MARK_BYTES, isFinal, STUCK_MS, tell } from "./file_transfer.ts";
import type {
  FilesDraft,
  FilesEvent,
  FilesState,
  FilesStep,
  IncomingFile,
  OutgoingFile,
} from "./file_transfer.ts";
import { answerAgain, applyToIncoming, restoreFile, takeOffer } from "./incoming_file.ts";
import { applyToOutgoing, sendNext, sendOffer } from "./outgoing_file.ts";

/** Applies an event to the files between two devices. `nowMs` is any clock that does not run backwards. */
export function reduceFiles(before: FilesState, event: FilesEvent, nowMs: number): FilesStep {
  const draft: FilesDraft = { state: before, effects: [], nowMs };
  applyEvent(draft, event);
  failStuck(draft);
  sendNext(draft);
  const { state, effects } = draft;
  const at = filesDeadline(state);
  // Browsers fire timers up to a millisecond early, so a tick sets the next alarm in any case.
  const isSet = event.type !== "tick" && at === filesDeadline(before);
  return { state, effects: isSet ? effects : [...effects, { type: "wake", at }] };
}

/** When something happens by itself; null if nothing does. */
export function filesDeadline({ outgoing, incoming }: FilesState): number | null {
  // Without a channel nothing is sent. A file that is received may wait long for those before it.
  const active = [...outgoing, ...incoming].filter(({ phase }) =>
    phase === "sending" || phase === "checking"
  );
  const at = Math.min(...active.map(({ movedAt }) => movedAt + STUCK_MS));
  return at === Infinity ? null : at;
}

function failStuck(draft: FilesDraft): void {
  const at = filesDeadline(draft.state);
  if (at === null || at > draft.nowMs) return;
  const { outgoing, incoming } = draft.state;
  const isStuck = ({ phase, movedAt }: OutgoingFile | IncomingFile) => {
    return (phase === "sending" || phase === "checking") && movedAt + STUCK_MS <= draft.nowMs;
  };
  for (const { fileId } of [...outgoing, ...incoming].filter(isStuck)) {
    applyToFile(draft, fileId, { type: "file_failed", fileId });
  }
}

function applyEvent(draft: FilesDraft, event: FilesEvent): void {
  switch (event.type) {
    case "channel":
      return channelChanged(draft, event.isOpen);
    case "offer":
      return offerFile(draft, event);
    case "withdraw":
      return tell(draft, { type: "cancel", fileId: event.fileId });
    case "restore":
      return restoreFile(draft, event);
    case "taken": {
      const isLeft = (file: OutgoingFile | IncomingFile) => file.fileId !== event.fileId || isFinal(file);
      const { outgoing, incoming } = draft.state;
      draft.state = { ...draft.state, outgoing: outgoing.filter(isLeft), incoming: incoming.filter(isLeft) };
      return;
    }
    case "forget": {
      const isKept = (file: OutgoingFile | IncomingFile) => file.fileId !== event.fileId || !isFinal(file);
      const { outgoing, incoming } = draft.state;
      draft.state = { ...draft.state, outgoing: outgoing.filter(isKept), incoming: incoming.filter(isKept) };
      return;
    }
    case "has_room":
      draft.state = { ...draft.state, isFull: false };
      return;
    case "chunk_sent": {
      const { reading } = draft.state;
      // A chunk for a channel that is lost is none of this one's.
      if (reading?.fileId !== event.fileId || reading.offset !== event.offset) return;
      draft.state = { ...draft.state, reading: null, isFull: event.bufferedBytes >= HIGH_MARK_BYTES };
      return;
    }
    case "tick":
      return;
    case "message":
      if (event.message.type === "offer") return takeOffer(draft, event.message);
      return applyToFile(draft, event.message.fileId, event);
    default:
      return applyToFile(draft, event.fileId, event);
  }
}

function applyToFile(draft: FilesDraft, fileId: string, event: FilesEvent): void {
  const { outgoing, incoming } = draft.state;
  const sent = outgoing.find((file) => file.fileId === fileId);
  const received = incoming.find((file) => file.fileId === fileId);
  if (sent !== undefined && !isFinal(sent)) applyToOutgoing(draft, sent, event);
  else if (received !== undefined && !isFinal(received)) applyToIncoming(draft, received, event);
  else if (received !== undefined && event.type === "message") answerAgain(draft, received, event.message);
}

function channelChanged(draft: FilesDraft, isOpen: boolean): void {
  const { nowMs } = draft;
  const outgoing = draft.state.outgoing.map((file): OutgoingFile => {
    if (isFinal(file)) return file;
    // What was accepted before is accepted again by the device that has stored a part of it.
    const phase = file.phase === "offered" ? "offered" : "waiting";
    return { ...file, phase, sent: file.acked, isAccepted: false, movedAt: nowMs };
  });
  const incoming = draft.state.incoming.map((file): IncomingFile => {
    // What was on its way is sent again.
    const isOffered = false;
    return file.phase === "receiving"
      ? { ...file, isOffered, received: file.stored, acked: file.stored, movedAt: nowMs }
      : { ...file, isOffered };
  });
  draft.state = { isOpen, reading: null, isFull: false, outgoing, incoming };
  for (const file of outgoing) {
    if (!isFinal(file)) sendOffer(draft, file);
    // The receiver may not have heard of it.
    else if (file.phase === "cancelled" || file.phase === "failed") {
      tell(draft, { type: "cancel", fileId: file.fileId });
    }
  }
}

function offerFile(draft: FilesDraft, { fileId, name, size }: Extract<FilesEvent, { type: "offer" }>): void {
  const { state, nowMs } = draft;
  const open = state.outgoing.filter((one) => !isFinal(one));
  if (open.length >= FILES_MAX_COUNT || state.outgoing.some((one) => one.fileId === fileId)) return;
  const file: OutgoingFile = {
    fileId,
    name,
    size,
    phase: "offered",
    sent: 0,
    isAccepted: false,
    acked: 0,
    hash: null,
    movedAt: nowMs,
  };
  draft.state = { ...state, outgoing: [...state.outgoing, file] };
  sendOffer(draft, file);
}
