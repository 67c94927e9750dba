import { AppError } from "../../shared/errors.ts";
import type {
  MessageEditedBody,
  MessageEventBody,
  MessageSentOrDeletedBody,
  ReactionChangedBody,
} from "../../shared/event.ts";
import {
  EMOJI_PER_MESSAGE_COUNT,
  EVENT_WHOLE_MAX_BYTES,
  PEOPLE_PER_REACTION_COUNT,
} from "../../shared/limits.ts";
import type { Message, Reaction } from "../../shared/message.ts";
import type { ReactionRow } from "./message_rows.ts";
import { bareSize, reactionsSize } from "./message_sizes.ts";

/** Maximum number of people per emoji in the message's own row; 20 such emoji and a long text fit into a row. */
export const INLINE_REACTION_COUNT = 50;

/** How a message's reactions are stored: most in its row, those of many people in rows of their own. */
export interface KeptReactions {
  readonly inline: ReactionRow[];
  readonly elsewhere: readonly Reaction[];
  /** Emoji whose rows of their own are no longer needed. */
  readonly gone: readonly string[];
}

/** Throws `too_large` if a message has too many emoji, or an emoji too many people. */
export function refuseTooMany(reactions: readonly Reaction[]): void {
  if (reactions.length > EMOJI_PER_MESSAGE_COUNT) {
    throw new AppError("too_large", `A message takes at most ${EMOJI_PER_MESSAGE_COUNT} different emoji`);
  }
  if (reactions.some(({ userIds }) => userIds.length > PEOPLE_PER_REACTION_COUNT)) {
    throw new AppError(
      "too_large",
      `At most ${PEOPLE_PER_REACTION_COUNT} people can react with the same emoji`,
    );
  }
}

/** Returns how to store reactions that were stored as `before`. */
export function keepReactions(before: readonly Reaction[], next: readonly Reaction[]): KeptReactions {
  const elsewhere = next.filter(isLarge);
  return {
    inline: next.map((reaction) => isLarge(reaction) ? { ...reaction, userIds: null } : reaction),
    elsewhere,
    gone: before.filter((reaction) =>
      isLarge(reaction) && !elsewhere.some(({ emoji }) => emoji === reaction.emoji)
    )
      .map(({ emoji }) => emoji),
  };
}

function isLarge({ userIds }: Reaction): boolean {
  return userIds.length > INLINE_REACTION_COUNT;
}

/** What happened to a message, without its state. */
export type MessageChange =
  | Pick<MessageSentOrDeletedBody, "type">
  | Pick<MessageEditedBody, "type">
  | Pick<ReactionChangedBody, "type" | "reaction">;

/** Returns the event of a change; if the message would be too large for everyone, without its reactions. */
export function bodyOfChange(change: MessageChange, message: Message): MessageEventBody {
  const messageOffset = message.offset;
  switch (change.type) {
    case "message_sent":
    case "message_deleted":
      return { ...change, messageOffset, message };
    case "message_edited":
    case "reaction_changed":
      return leavesOutReactions(change.type, message)
        ? { ...change, messageOffset, message: { ...message, reactions: [] }, isWithoutReactions: true }
        : { ...change, messageOffset, message };
  }
}

/** Returns whether a large event leaves out reactions: new messages have all, known ones only what changed. */
export function leavesOutReactions(
  type: MessageEventBody["type"],
  message: Pick<Message, "text" | "mentions"> & { readonly reactions: readonly ReactionRow[] },
): boolean {
  if (message.reactions.length === 0) return false;
  if (type !== "message_edited" && type !== "reaction_changed") return false;
  return bareSize(message) + reactionsSize(message.reactions) > EVENT_WHOLE_MAX_BYTES;
}
