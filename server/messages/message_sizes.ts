import { Buffer } from "node:buffer";
import { PEOPLE_PER_REACTION_COUNT } from "../../shared/limits.ts";
import type { Message } from "../../shared/message.ts";
import type { MessageRow, ReactionRow } from "./message_rows.ts";

/** A message as JSON without its text, reactions and mentions, to a few bytes more. */
const MESSAGE_OVERHEAD_BYTES = 512;
/** An id in quotes and its comma. */
const ID_BYTES = 19;
/** Names and brackets of one emoji, which has at most 32 characters. */
const REACTION_OVERHEAD_BYTES = 128;
/** From this length on a text is measured; below, three bytes a code unit are near enough. */
const MEASURED_TEXT_LENGTH = 256;

/** Upper bound of a message's JSON, before the reactions that stand in rows of their own are read. */
export function rowSize(row: MessageRow): number {
  return bareSize(row) + reactionsSize(row.reactions);
}

/** The same for a message whose reactions are left out. */
export function bareSize({ text, mentions }: Pick<Message, "text" | "mentions">): number {
  return MESSAGE_OVERHEAD_BYTES + textSize(text) + mentions.length * ID_BYTES;
}

/** Upper bound of the JSON of reactions; where the people are not read yet, as many as there may be. */
export function reactionsSize(reactions: readonly ReactionRow[]): number {
  let size = 0;
  for (const { userIds } of reactions) {
    size += REACTION_OVERHEAD_BYTES + (userIds?.length ?? PEOPLE_PER_REACTION_COUNT) * ID_BYTES;
  }
  return size;
}

/** Gives the items in a row around the one at `start`, to both sides alike, that fit into so many bytes; at least that one. */
export function cutAround<T>(
  items: readonly T[],
  { start, sizeOf, maxBytes }: {
    readonly start: number;
    readonly sizeOf: (item: T) => number;
    readonly maxBytes: number;
  },
): T[] {
  const first = items[start];
  if (first === undefined) return [];
  let [low, high, size] = [start, start + 1, sizeOf(first)];
  const fits = (item: T | undefined): boolean => {
    if (item === undefined) return false;
    const next = size + sizeOf(item);
    if (next > maxBytes) return false;
    size = next;
    return true;
  };
  for (;;) {
    const hasOlder = fits(items[low - 1]);
    if (hasOlder) low--;
    const hasNewer = fits(items[high]);
    if (hasNewer) high++;
    if (!hasOlder && !hasNewer) return items.slice(low, high);
  }
}

function textSize(text: string): number {
  return text.length < MEASURED_TEXT_LENGTH ? 3 * text.length : Buffer.byteLength(JSON.stringify(text));
}
