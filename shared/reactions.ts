import type { MessageEventBody } from "./event.ts";
import type { UserId } from "./ids.ts";
import type { Message, Reaction } from "./message.ts";

/** A reaction that a person adds or removes. */
export interface ReactionChange {
  readonly emoji: string;
  readonly userId: UserId;
  readonly on: boolean;
}

/** Returns the reactions with one person's choice added or removed; the same array if nothing changes. */
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

/** Returns the message after an event. If the event leaves out the reactions, applies its change to the known ones. */
export function messageAfter(event: MessageEventBody, known: Message | null): Message {
  const { message } = event;
  if (event.isWithoutReactions !== true) return message;
  const reactions = known?.reactions ?? [];
  const isChange = event.type === "reaction_changed";
  return { ...message, reactions: isChange ? withReaction(reactions, event.reaction) : reactions };
}
