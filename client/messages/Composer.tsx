import type { RoomId } from "../../shared/ids.ts";
import type { ComposerModel } from "./composer_model.ts";

/** What the composer must know of the room that it writes to. */
export interface ComposerRoom {
  readonly id: RoomId;
  /** Shown in the placeholder; of a direct room the other person's name. */
  readonly name: string;
  readonly isArchived: boolean;
  readonly isMember: boolean;
}

/** What the composer is given and what it tells. */
export interface ComposerProps {
  readonly room: ComposerRoom;
  readonly model: ComposerModel;
  /** A text that passed all checks; `replyTo` is the offset of the message that it answers. */
  readonly onSend: (text: string, replyTo: number | null) => void;
  readonly onEdit: (offset: number, text: string) => void;
  /** Up was pressed in an empty box: call `model.startEdit` with the last own message. */
  readonly onEditLast: () => void;
  /** The person typed: whether there is text now. Not called for drafts that are put back, nor for edits. */
  readonly onTyping: (hasText: boolean) => void;
  readonly onBlur: () => void;
  readonly onJoin: () => void;
}

/** The box at the foot of a room in which messages are written. */
export function Composer(_props: ComposerProps) {
  return null;
}
