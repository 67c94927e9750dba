import type { FileMessage } from "./file_message.ts";

/*
 * Files between two devices, over one ordered channel. `reduceFiles` moves each file between these phases:
 *
 * | outgoing  | meaning                                 | next                                                     |
 * | --------- | --------------------------------------- | -------------------------------------------------------- |
 * | offered   | the other person has not decided        | accept: waiting; decline: declined                       |
 * | waiting   | accepted, or to be resumed              | sending, when the files before it are sent               |
 * | sending   | chunks are sent up to the window        | the last one is acknowledged: checking                   |
 * | checking  | both sides compare their hashes         | done, damaged                                            |
 *
 * | incoming  | meaning                                 | next                                                     |
 * | --------- | --------------------------------------- | -------------------------------------------------------- |
 * | offered   | nobody has accepted it here             | an act: receiving, declined                              |
 * | receiving | its place on the disk is opened, then   | `complete` and everything is stored: checking            |
 * |           | chunks are stored, in order             |                                                          |
 * | checking  | the hash of what is stored is computed  | done, damaged                                            |
 *
 * Each phase that is not final can also become `cancelled` by either side, and `failed` when a file cannot be read or
 * stored, or nothing moves for three minutes while the channel is open. When the channel is lost, files keep what is
 * acknowledged; when there is another one, the sender offers again what is not final, and the receiver answers with
 * the offset from which to go on. What was stored before the page was loaded again is told by `restore` before the
 * offer is; how much of it there is, is known when its place is opened, which may take until another tab lets go.
 */

/** Where a file is that this device sends. */
export type OutgoingPhase = "offered" | "waiting" | "sending" | "checking" | FinalPhase;
/** Where a file is that this device receives. */
export type IncomingPhase = "offered" | "receiving" | "checking" | FinalPhase;
/** How a transfer ended. */
export type FinalPhase = "done" | "damaged" | "declined" | "cancelled" | "failed";

/** A file, whichever way it goes. */
interface TransferredFile {
  readonly fileId: string;
  readonly name: string;
  readonly size: number;
  /** What the receiver has acknowledged: everything before it has arrived, and is stored or soon will be. */
  readonly acked: number;
  /** When something last moved. */
  readonly movedAt: number;
}

/** A file that this device sends. */
export interface OutgoingFile extends TransferredFile {
  readonly phase: OutgoingPhase;
  /** Everything before it is handed to the channel. */
  readonly sent: number;
  /** Whether the receiver has said where to begin, on this channel. */
  readonly isAccepted: boolean;
  /** The SHA-256, once it is known. */
  readonly hash: string | null;
}

/** A file that this device receives. */
export interface IncomingFile extends TransferredFile {
  readonly phase: IncomingPhase;
  /** Whether the sender has offered it on this channel: after a reload it may not have the file any more. */
  readonly isOffered: boolean;
  /** Whether its place on the disk is open. Nobody is told where to begin before that. */
  readonly isOpen: boolean;
  /** Everything before it has arrived. */
  readonly received: number;
  /** Everything before it is stored. */
  readonly stored: number;
  /** What the sender says that the SHA-256 is. */
  readonly hash: string | null;
}

/** The files between this device and one other. */
export interface FilesState {
  readonly isOpen: boolean;
  /** The chunk that is being read and handed to the channel: there is one at a time. */
  readonly reading: { readonly fileId: string; readonly offset: number } | null;
  /** Whether the channel holds enough, and says when it has room again. */
  readonly isFull: boolean;
  readonly outgoing: readonly OutgoingFile[];
  readonly incoming: readonly IncomingFile[];
}

/** No files and no channel. */
export const NO_FILES: FilesState = {
  isOpen: false,
  reading: null,
  isFull: false,
  outgoing: [],
  incoming: [],
};

/** What happens to files. */
export type FilesEvent =
  /** The channel is there, or lost. */
  | { readonly type: "channel"; readonly isOpen: boolean }
  | { readonly type: "message"; readonly message: FileMessage }
  | { readonly type: "chunk"; readonly fileId: string; readonly offset: number; readonly length: number }
  /** A file that is about to be offered again was received before, in whole or in part. */
  | {
    readonly type: "restore";
    readonly fileId: string;
    readonly name: string;
    readonly size: number;
    readonly isDone: boolean;
  }
  /** An `open` was carried out: everything before `offset` is stored. */
  | { readonly type: "opened"; readonly fileId: string; readonly offset: number }
  /** Another device of the person goes on with a file. */
  | { readonly type: "taken"; readonly fileId: string }
  /** The person offers a file, or does something with one. */
  | { readonly type: "offer"; readonly fileId: string; readonly name: string; readonly size: number }
  | { readonly type: "accept" | "decline" | "cancel" | "forget"; readonly fileId: string }
  /** The person takes back a file that was offered before, and that is not here any more. */
  | { readonly type: "withdraw"; readonly fileId: string }
  /** A `send_chunk` was carried out; `bufferedBytes` is what the channel holds now. */
  | {
    readonly type: "chunk_sent";
    readonly fileId: string;
    readonly offset: number;
    readonly bufferedBytes: number;
  }
  /** The channel holds less than `LOW_MARK_BYTES` again. */
  | { readonly type: "has_room" }
  /** A `store` was carried out: everything before `offset` is stored. */
  | { readonly type: "stored"; readonly fileId: string; readonly offset: number }
  /** A `hash` was carried out. */
  | { readonly type: "hashed"; readonly fileId: string; readonly hash: string }
  /** A file could not be read, stored or hashed. */
  | { readonly type: "file_failed"; readonly fileId: string }
  | { readonly type: "tick" };

/** What the device does. It knows the bytes; the reducer only counts them. */
export type FilesEffect =
  | { readonly type: "send"; readonly message: FileMessage }
  /** Reads a chunk and hands it to the channel, unless that one is lost meanwhile; then `chunk_sent`. */
  | { readonly type: "send_chunk"; readonly fileId: string; readonly offset: number; readonly length: number }
  /** Opens the place of a received file, unless that is under way; a new one begins empty. */
  | { readonly type: "open"; readonly fileId: string; readonly size: number; readonly isNew: boolean }
  /** Stores the chunk that came with the event. */
  | { readonly type: "store"; readonly fileId: string; readonly offset: number; readonly length: number }
  /** Computes the SHA-256 of a whole file. */
  | { readonly type: "hash"; readonly fileId: string }
  /** Deletes what is stored of a file. */
  | { readonly type: "discard"; readonly fileId: string }
  | { readonly type: "wake"; readonly at: number | null };

/** The work of one event. */
export interface FilesDraft {
  state: FilesState;
  readonly effects: FilesEffect[];
  readonly nowMs: number;
}

/** A state of the files, and what to do to get there. */
export interface FilesStep {
  readonly state: FilesState;
  readonly effects: readonly FilesEffect[];
}

/** The channel is filled up to here … */
export const HIGH_MARK_BYTES = 1024 * 1024;
/** … and again when it holds less than this. */
export const LOW_MARK_BYTES = 256 * 1024;
/**
 * What may be on its way without being acknowledged: when the path changes, browsers drop what they cannot send at once.
 * With 8 MiB, Chromium lost up to 6,000 packets then, and waited for seconds before it sent them again.
 */
export const WINDOW_BYTES = 2 * 1024 * 1024;
/**
 * What the receiver acknowledges before it is stored: the sender does not wait for the disk, and a slow disk does not
 * fill the memory of the receiver.
 */
export const BACKLOG_BYTES = 2 * 1024 * 1024;
/** The receiver acknowledges this often. */
export const ACK_BYTES = 256 * 1024;
/** A file of which nothing moves for this long, while the channel is open, has failed. */
export const STUCK_MS = 180_000;
/** Files between two devices that are not over, in each direction. */
export const FILES_MAX_COUNT = 50;

const FINAL: ReadonlySet<string> = new Set(["done", "damaged", "declined", "cancelled", "failed"]);

/** Whether a transfer is over. */
export function isFinal({ phase }: { readonly phase: string }): boolean {
  return FINAL.has(phase);
}

/** Says something to the other device, if there is a channel; if not, it is said in another form when there is one. */
export function tell(draft: FilesDraft, message: FileMessage): void {
  if (draft.state.isOpen) draft.effects.push({ type: "send", message });
}
