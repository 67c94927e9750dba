import { AppError } from "../../shared/errors.ts";
import type { UserId } from "../../shared/ids.ts";
import { EMOJI_PER_MESSAGE_COUNT, PEOPLE_PER_REACTION_COUNT } from "../../shared/limits.ts";
import type { Reaction } from "../../shared/message.ts";
import type { ReactionRow } from "./message_rows.ts";

/** People of one emoji that still stand in the message's own row; 20 such emoji and a long text fit into a row. */
export const INLINE_REACTION_COUNT = 50;

/** How a message's reactions are kept: most in its row, those of many people in rows of their own. */
export interface KeptReactions {
  readonly inline: ReactionRow[];
  readonly elsewhere: readonly Reaction[];
  /** Emoji whose rows of their own are no longer needed. */
  readonly gone: readonly string[];
}

/** Gives the reactions with one person's choice set or taken away; the same array when nothing changes. */
export function withReaction(
  reactions: Reaction[],
  choice: { readonly emoji: string; readonly userId: UserId; readonly on: boolean },
): Reaction[] {
  const { emoji, userId, on } = choice;
  const current = reactions.find((reaction) => reaction.emoji === emoji);
  const isOn = current?.userIds.includes(userId) ?? false;
  if (isOn === on) return reactions;
  if (current === undefined) return [...reactions, { emoji, userIds: [userId] }];
  const userIds = on ? [...current.userIds, userId] : current.userIds.filter((id) => id !== userId);
  const next = reactions.map((reaction) => reaction === current ? { emoji, userIds } : reaction);
  return next.filter((reaction) => reaction.userIds.length > 0);
}

/** Throws `too_large` when a message has too many emoji, or an emoji too many people. */
export function refuseTooMany(reactions: readonly Reaction[]): void {
  if (reactions.length > EMOJI_PER_MESSAGE_COUNT) {
    throw new AppError("too_large", `A message takes at most ${EMOJI_PER_MESSAGE_COUNT} different emoji`);
  }
  if (reactions.some(({ userIds }) => userIds.length > PEOPLE_PER_REACTION_COUNT)) {
    throw new AppError("too_large", `An emoji takes at most ${PEOPLE_PER_REACTION_COUNT} people`);
  }
}

/** Says where reactions are to be kept that were kept as `before` says. */
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
