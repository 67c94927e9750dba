import type { RoomId } from "../../shared/ids.ts";
import type { CompletionItem, CompletionPerson } from "./completion_model.ts";

/** The name of a draft: the room, or a thread of it as `room/root`. */
export type DraftKey = RoomId | `${RoomId}/${number}`;

/** Whether the user may write, or what keeps them from it. */
export type WritePermission = "write" | "join" | "archived";

/** Handles texts that begin with a slash. */
export interface CommandDoor {
  /** The text has changed. */
  typed(text: string): void;
  /** Lists how a command could go on; `query` is without its slash. Signals that it reads are followed. */
  complete(query: string): readonly CompletionItem[];
  /** Resolves to true if the text was dealt with and the box can be emptied. */
  submit(text: string): Promise<boolean>;
}

/** Where the text of a composer goes: to a room, to a thread, or into a message that is edited. */
export interface ComposerScope {
  /** The draft that the text is stored as; null if it is not stored. */
  readonly draftKey: DraftKey | null;
  /** The text of the message that is edited; absent for new messages. */
  readonly original?: string;
  /** Users who can be mentioned. Signals read by this function and by `permission` are followed. */
  readonly people: () => readonly CompletionPerson[];
  readonly permission: () => WritePermission;
  /** Absent where texts are only texts. */
  readonly commands?: () => CommandDoor;
  /** Handles a text that passed all checks. */
  readonly send: (text: string) => void;
  /** The user typed; not called when a draft is restored. */
  readonly onTyping?: (hasText: boolean) => void;
}

/** A room or a thread: new messages are written, and earlier ones answered and edited. */
export interface ConversationScope
  extends Pick<ComposerScope, "people" | "permission" | "onTyping" | "commands"> {
  readonly draftKey: DraftKey;
  /** `replyTo` is the offset of the message that is answered. */
  readonly send: (text: string, replyTo: number | null) => void;
  readonly edit: (offset: number, text: string) => void;
  /** The user's newest message that may be edited, for Up in an empty box. */
  readonly lastOwn: () => EditTarget | null;
  /** The composer lost the focus. */
  readonly onBlur?: () => void;
}

/** The message that is answered. */
export interface ReplyTarget {
  readonly offset: number;
  readonly authorName: string;
  readonly text: string;
}

/** The message that is edited. */
export interface EditTarget {
  readonly offset: number;
  readonly text: string;
}
