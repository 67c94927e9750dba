import { PEOPLE_PER_REACTION_COUNT } from "../../shared/limits.ts";
import type { Message } from "../../shared/message.ts";
import { jsonSize } from "../net/json_size.ts";
import type { MessageRow, ReactionRow } from "./message_rows.ts";

/** Upper bound of a message's JSON without its text, reactions and mentions. */
const MESSAGE_OVERHEAD_BYTES = 512;
/** An id with quotes and comma. */
const ID_BYTES = 19;
/** Field names and brackets of one emoji, which has at most 32 characters. */
const REACTION_OVERHEAD_BYTES = 128;
/** Longer texts are measured; for shorter ones, three bytes per code unit are precise enough. */
const MEASURED_TEXT_LENGTH = 256;

/** Returns an upper bound of a message's JSON, before reactions in rows of their own are read. */
export function rowSize(row: MessageRow): number {
  return bareSize(row) + reactionsSize(row.reactions);
}

/** Returns an upper bound of a message's JSON without its reactions. */
export function bareSize({ text, mentions }: Pick<Message, "text" | "mentions">): number {
  return MESSAGE_OVERHEAD_BYTES + textSize(text) + mentions.length * ID_BYTES;
}

/** Returns an upper bound of the JSON of reactions; people that are not read yet count as the maximum. */
export function reactionsSize(reactions: readonly ReactionRow[]): number {
  let size = 0;
  for (const { userIds } of reactions) {
    size += REACTION_OVERHEAD_BYTES + (userIds?.length ?? PEOPLE_PER_REACTION_COUNT) * ID_BYTES;
  }
  return size;
}

/** Returns the items around `start`, evenly on both sides, that fit into `maxBytes`; at least that one. */
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
  return text.length < MEASURED_TEXT_LENGTH ? 3 * text.length : jsonSize(text);
}
