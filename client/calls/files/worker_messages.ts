import type { UserId } from "../../../shared/ids.ts";

/** Each person who has used this browser has a folder. */
export const FOLDER_PREFIX = "files-";

/** Returns the folder of a person. */
export function folderOf(userId: UserId): string {
  return `${FOLDER_PREFIX}${userId}`;
}

/** Why a file cannot go on, as far as this device knows. */
export type FileFailure =
  /** The browser gives us no more space. */
  | "storage_full"
  /** What arrives cannot be stored for another reason, such as a private window. */
  | "storage_failed"
  /** The file to be sent was changed, moved or deleted. */
  | "source_changed";

/** What the page asks of the worker. A key names one received file, or one that is sent. */
export type WorkerRequest =
  /** Opens a received file as soon as nobody else holds it; a new one begins empty. */
  | { readonly type: "open"; readonly key: string; readonly size: number; readonly isNew: boolean }
  | {
    readonly type: "write";
    readonly key: string;
    readonly offset: number;
    readonly bytes: Uint8Array<ArrayBuffer>;
  }
  /** Lets go of a file; what is stored stays. */
  | { readonly type: "close"; readonly key: string }
  | { readonly type: "discard"; readonly key: string }
  /** Deletes the received files of all people but these, as `folder/key`, unless somebody holds them. */
  | { readonly type: "keep"; readonly paths: readonly string[] }
  /** A file to be sent: its SHA-256 is computed, after those of earlier ones. */
  | { readonly type: "source"; readonly key: string; readonly file: Blob }
  /** Computes the SHA-256 of what is stored. */
  | { readonly type: "hash"; readonly key: string };

/** What the worker reports. */
export type WorkerReport =
  /** Everything before `offset` is stored. */
  | { readonly type: "opened" | "stored"; readonly key: string; readonly offset: number }
  /** Another tab has the file that is to be opened; it is opened when that one lets go. */
  | { readonly type: "held"; readonly key: string }
  | { readonly type: "hashed"; readonly key: string; readonly hash: string }
  | { readonly type: "failed"; readonly key: string; readonly failure: FileFailure };
