import type { ComponentChildren } from "preact";
import type { UserId } from "../../shared/ids.ts";
import type { Message } from "../../shared/message.ts";
import type { Role } from "../../shared/user.ts";
import type { AnnouncerModel } from "../ui/announcer_model.ts";
import type { RoomTimeline } from "./messages_model.ts";

/** What a timeline must know of a person. */
export interface PersonView {
  readonly name: string;
  readonly isBot: boolean;
  readonly role: Role;
}

/** What the timeline is given and what it tells. */
export interface TimelineProps {
  readonly model: RoomTimeline;
  readonly me: UserId;
  /** Shown to screen readers and in "This is the start of …"; of a direct room the other person's name. */
  readonly roomName: string;
  readonly people: (id: UserId) => PersonView;
  /** False for readers and in archived rooms: no reactions, replies and edits. */
  readonly mayWrite: boolean;
  /** May delete the messages of others. */
  readonly mayModerate: boolean;
  readonly announcer: AnnouncerModel;
  readonly onReply: (message: Message) => void;
  readonly onEdit: (message: Message) => void;
  /** A failed message goes back into the composer. */
  readonly onTakeBack: (text: string, replyTo: number | null) => void;
  readonly onNotice: (text: string) => void;
  /** Words below "This is the start of …". */
  readonly startText: string;
  /** Buttons below those words. */
  readonly startActions?: ComponentChildren;
}

/** A room's messages, oldest first. */
export function Timeline(_props: TimelineProps) {
  return null;
}
