import type { Message } from "../../shared/message.ts";

/** A message and the offset of the event that its state is at least as new as. */
export interface WindowEntry {
  readonly message: Message;
  readonly version: number;
}

/** A stretch of a room's messages without holes in it, oldest first. */
export interface MessageWindow {
  readonly entries: readonly WindowEntry[];
  /** More lies before the first entry. */
  readonly hasOlder: boolean;
  /** More lies after the last entry; live messages are then not put in. */
  readonly hasNewer: boolean;
}

/** A room that holds nothing, and nothing is missing. */
export const EMPTY_WINDOW: MessageWindow = { entries: [], hasOlder: false, hasNewer: false };

/** Finds where `offset` stands, or where it would be put in. */
export function indexOfOffset(entries: readonly WindowEntry[], offset: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const entry = entries[middle];
    if (entry !== undefined && entry.message.offset < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Gives the entry of the message at `offset`, if it is loaded. */
export function entryAt(window: MessageWindow, offset: number): WindowEntry | null {
  const entry = window.entries[indexOfOffset(window.entries, offset)];
  return entry?.message.offset === offset ? entry : null;
}

/** Says whether a message at `offset` belongs into what is loaded, be it known yet or not. */
export function covers(window: MessageWindow, offset: number): boolean {
  const first = window.entries[0];
  const last = window.entries.at(-1);
  if (first === undefined || last === undefined) return !window.hasOlder && !window.hasNewer;
  if (offset < first.message.offset) return !window.hasOlder;
  return offset <= last.message.offset || !window.hasNewer;
}

/** Puts a message in, or brings it up to date; an older state never replaces a newer one. */
export function putEntry(window: MessageWindow, entry: WindowEntry): MessageWindow {
  const { entries } = window;
  const offset = entry.message.offset;
  const index = indexOfOffset(entries, offset);
  const known = entries[index];
  if (known?.message.offset === offset) {
    return known.version >= entry.version ? window : { ...window, entries: entries.with(index, entry) };
  }
  return covers(window, offset) ? { ...window, entries: entries.toSpliced(index, 0, entry) } : window;
}

/** Puts a page before or after what is loaded; what is known already keeps the newer state. */
export function joinPage(
  window: MessageWindow,
  page: readonly WindowEntry[],
  edge: { readonly hasOlder?: boolean; readonly hasNewer?: boolean },
): MessageWindow {
  const byOffset = new Map(window.entries.map((entry) => [entry.message.offset, entry]));
  for (const entry of page) {
    const known = byOffset.get(entry.message.offset);
    if (known === undefined || known.version < entry.version) byOffset.set(entry.message.offset, entry);
  }
  const entries = [...byOffset.values()].sort((a, b) => a.message.offset - b.message.offset);
  return {
    entries,
    hasOlder: edge.hasOlder ?? window.hasOlder,
    hasNewer: edge.hasNewer ?? window.hasNewer,
  };
}

/** Drops `count` messages at one end; they can be loaded again. */
export function trimWindow(window: MessageWindow, end: "oldest" | "newest", count: number): MessageWindow {
  if (count <= 0) return window;
  if (end === "oldest") return { ...window, entries: window.entries.slice(count), hasOlder: true };
  return { ...window, entries: window.entries.slice(0, -count), hasNewer: true };
}
