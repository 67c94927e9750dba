import type { MessageEventBody } from "./event.ts";
import type { UserId } from "./ids.ts";
import type { Message, Reaction } from "./message.ts";

/** Somebody's choice of an emoji, or its end. */
export interface ReactionChange {
  readonly emoji: string;
  readonly userId: UserId;
  readonly on: boolean;
}

/** Gives the reactions with one person's choice set or taken away; the same array when nothing changes. */
export function withReaction(reactions: Reaction[], choice: ReactionChange): Reaction[] {
  const { emoji, userId, on } = choice;
  const current = reactions.find((reaction) => reaction.emoji === emoji);
  const isOn = current?.userIds.includes(userId) ?? false;
  if (isOn === on) return reactions;
  if (current === undefined) return [...reactions, { emoji, userIds: [userId] }];
  const userIds = on ? [...current.userIds, userId] : current.userIds.filter((id) => id !== userId);
  const next = reactions.map((reaction) => reaction === current ? { emoji, userIds } : reaction);
  return next.filter((reaction) => reaction.userIds.length > 0);
}

/** Gives the message of an event; reactions that it leaves out are those known before, with what it says has changed. */
export function messageAfter(event: MessageEventBody, known: Message | null): Message {
  const { message, reaction } = event;
  if (event.isWithoutReactions !== true) return message;
  const reactions = known?.reactions ?? [];
  return { ...message, reactions: reaction === undefined ? reactions : withReaction(reactions, reaction) };
}
