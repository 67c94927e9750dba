import { signal } from "@preact/signals";
import type { Signal } from "@preact/signals";

/** One emoji and the words it is found by. */
export interface Emoji {
  readonly emoji: string;
  /** Shortcodes without colons; the first is the one that is shown. */
  readonly names: readonly string[];
  readonly tags: readonly string[];
  readonly description: string;
  readonly category: string;
}

/** Fetches the whole list. */
export type EmojiLoader = () => Promise<readonly Emoji[]>;

/** What a catalog stands on. */
export interface EmojiCatalogOptions {
  readonly load?: EmojiLoader;
  /** Where the emoji used lately are kept; `localStorage` fits. */
  readonly storage?: Pick<Storage, "getItem" | "setItem">;
}

const RECENT_KEY = "parley.emoji";
const RECENT_COUNT = 16;

/** All emoji, fetched when they are first needed, and those used lately. */
export class EmojiCatalog {
  /** The list, null until it has come. */
  readonly entries: Signal<readonly Emoji[] | null> = signal(null);
  /** Emoji used lately, the last one first. */
  readonly recent: Signal<readonly string[]>;
  readonly #load: EmojiLoader;
  readonly #storage: EmojiCatalogOptions["storage"];
  #loading: Promise<void> | null = null;

  /** Makes a catalog that is still empty. */
  constructor({ load = loadList, storage }: EmojiCatalogOptions = {}) {
    this.#load = load;
    this.#storage = storage;
    this.recent = signal(readRecent(storage));
  }

  /** Puts an emoji at the front of those used lately. */
  noteUse(emoji: string): void {
    const others = this.recent.peek().filter((used) => used !== emoji);
    this.recent.value = [emoji, ...others].slice(0, RECENT_COUNT);
    try {
      this.#storage?.setItem(RECENT_KEY, this.recent.value.join(" "));
    } catch {
      // Full or forbidden storage: it is known until the page goes.
    }
  }

  /** Fetches the list once; a failed try may be made again. */
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

/** Finds emoji by what people type, the best first: by name, then by tag, then by description. */
export function findEmoji(entries: readonly Emoji[], query: string, limit: number): Emoji[] {
  const wanted = query.toLowerCase().replaceAll(" ", "_");
  const ranked: Emoji[][] = [[], [], [], [], []];
  for (const entry of entries) {
    const rank = rankOf(entry, wanted);
    if (rank !== null) ranked[rank]?.push(entry);
  }
  return ranked.flat().slice(0, limit);
}

/** Gives the emoji of a shortcode, without colons. */
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
