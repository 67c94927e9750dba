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

/** All emoji, fetched when they are first needed. */
export class EmojiCatalog {
  /** The list, null until it has come. */
  readonly entries: Signal<readonly Emoji[] | null> = signal(null);
  readonly #load: EmojiLoader;
  #loading: Promise<void> | null = null;

  /** Makes a catalog that is still empty. */
  constructor(load: EmojiLoader = loadGemoji) {
    this.#load = load;
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

async function loadGemoji(): Promise<readonly Emoji[]> {
  const { gemoji } = await import("gemoji");
  return gemoji;
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
