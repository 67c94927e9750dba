import { signal } from "@preact/signals";
import type { Signal } from "@preact/signals";

/** One emoji and its search words. */
export interface Emoji {
  readonly emoji: string;
  /** Shortcodes without colons; the first one is shown. */
  readonly names: readonly string[];
  readonly tags: readonly string[];
  readonly description: string;
  readonly category: string;
}

/** Loads the whole list. */
export type EmojiLoader = () => Promise<readonly Emoji[]>;

/** Options of `EmojiCatalog`. */
export interface EmojiCatalogOptions {
  readonly load?: EmojiLoader;
  /** Where recently used emoji are stored, such as `localStorage`. */
  readonly storage?: Pick<Storage, "getItem" | "setItem">;
}

const RECENT_KEY = "parley.emoji";
const RECENT_COUNT = 16;

/** All emoji, fetched when first needed, and the recently used ones. */
export class EmojiCatalog {
  /** The list; null until it is loaded. */
  readonly entries: Signal<readonly Emoji[] | null> = signal(null);
  /** Recently used emoji, the last one first. */
  readonly recent: Signal<readonly string[]>;
  readonly #load: EmojiLoader;
  readonly #storage: EmojiCatalogOptions["storage"];
  #loading: Promise<void> | null = null;

  constructor({ load = loadList, storage }: EmojiCatalogOptions = {}) {
    this.#load = load;
    this.#storage = storage;
    this.recent = signal(readRecent(storage));
  }

  /** Adds an emoji to the recently used ones. */
  noteUse(emoji: string): void {
    const others = this.recent.peek().filter((used) => used !== emoji);
    this.recent.value = [emoji, ...others].slice(0, RECENT_COUNT);
    try {
      this.#storage?.setItem(RECENT_KEY, this.recent.value.join(" "));
    } catch {
      // The storage is full or forbidden: they are known until the page is closed.
    }
  }

  /** Fetches the list once, or again after a failure. */
  load(): Promise<void> {
    this.#loading ??= this.#load().then((entries) => {
      this.entries.value = entries;
    }).catch(() => {
      this.#loading = null;
    });
    return this.#loading;
  }
}

function readRecent(storage: EmojiCatalogOptions["storage"]): string[] {
  try {
    return storage?.getItem(RECENT_KEY)?.split(" ").filter((emoji) => emoji !== "") ?? [];
  } catch {
    return [];
  }
}

async function loadList(): Promise<readonly Emoji[]> {
  return (await import("./emoji_list.ts")).EMOJI_LIST;
}

/** Finds emoji by name, then by tag, then by description. */
export function findEmoji(entries: readonly Emoji[], query: string, limit: number): Emoji[] {
  const wanted = query.toLowerCase().replaceAll(" ", "_");
  const ranked: Emoji[][] = [[], [], [], [], []];
  for (const entry of entries) {
    const rank = rankOf(entry, wanted);
    if (rank !== null) ranked[rank]?.push(entry);
  }
  return ranked.flat().slice(0, limit);
}

/** Returns the emoji of a shortcode without colons. */
export function emojiNamed(entries: readonly Emoji[], name: string): string | null {
  return entries.find((entry) => entry.names.includes(name))?.emoji ?? null;
}

function rankOf(entry: Emoji, wanted: string): number | null {
  if (entry.names.includes(wanted)) return 0;
  if (entry.names.some((name) => name.startsWith(wanted))) return 1;
  if (entry.tags.some((tag) => tag.startsWith(wanted))) return 2;
  if (entry.names.some((name) => name.includes(wanted))) return 3;
  return entry.description.includes(wanted.replaceAll("_", " ")) ? 4 : null;
}
