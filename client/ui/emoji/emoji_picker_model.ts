import { batch, computed, signal } from "@preact/signals";
import type { ReadonlySignal, Signal } from "@preact/signals";
import { findEmoji } from "./emoji.ts";
import type { Emoji, EmojiCatalog } from "./emoji.ts";

/** Emoji with a common heading. */
export interface EmojiSection {
  readonly label: string;
  readonly emoji: readonly Emoji[];
}

/** The emoji that is active. */
export interface EmojiPlace {
  readonly section: number;
  readonly index: number;
}

/** A direction in the grid. */
export type EmojiStep = "left" | "right" | "up" | "down";

/** The number of emoji in a row, the same as in the style sheet. */
const EMOJI_COLUMN_COUNT = 8;
const FOUND_MAX_COUNT = 64;

/** The state of the picker: search text, results and active emoji. */
export class EmojiPickerModel {
  readonly query: Signal<string> = signal("");
  readonly place: Signal<EmojiPlace> = signal({ section: 0, index: 0 });
  /** The sections to show; null while the list is loading. */
  readonly sections: ReadonlySignal<readonly EmojiSection[] | null>;
  readonly active: ReadonlySignal<Emoji | null>;

  constructor(catalog: EmojiCatalog) {
    const all = computed(() => {
      const entries = catalog.entries.value;
      return entries === null ? null : toSections(entries, catalog.recent.value);
    });
    this.sections = computed(() => {
      const entries = catalog.entries.value;
      const query = this.query.value.trim().replace(/^:|:$/g, "");
      if (entries === null || query === "") return all.value;
      const emoji = findEmoji(entries, query, FOUND_MAX_COUNT);
      return emoji.length === 0 ? [] : [{ label: "Found", emoji }];
    });
    this.active = computed(() => {
      const { section, index } = this.place.value;
      return this.sections.value?.[section]?.emoji[index] ?? null;
    });
  }

  /** Searches, and makes the first result active. */
  search(query: string): void {
    batch(() => {
      this.query.value = query;
      this.place.value = { section: 0, index: 0 };
    });
  }

  /** Moves to a neighbour, across rows and sections. */
  move(step: EmojiStep): void {
    const sections = this.sections.peek() ?? [];
    const from = this.place.peek();
    const to = step === "up" || step === "down"
      ? nextRow(sections, from, step)
      : nextInLine(sections, from, step);
    if (to !== null) this.place.value = to;
  }
}

function toSections(entries: readonly Emoji[], recent: readonly string[]): EmojiSection[] {
  const byCategory = Map.groupBy(entries, (entry) => entry.category);
  const sections = [...byCategory].map(([label, emoji]) => ({ label, emoji }));
  const used = recent.flatMap((emoji) => entries.find((entry) => entry.emoji === emoji) ?? []);
  return used.length === 0 ? sections : [{ label: "Recently used", emoji: used }, ...sections];
}

function nextInLine(
  sections: readonly EmojiSection[],
  { section, index }: EmojiPlace,
  step: "left" | "right",
): EmojiPlace | null {
  const next = index + (step === "right" ? 1 : -1);
  if (sections[section]?.emoji[next] !== undefined) return { section, index: next };
  if (step === "right") {
    return sections[section + 1] === undefined ? null : { section: section + 1, index: 0 };
  }
  const before = sections[section - 1];
  return before === undefined ? null : { section: section - 1, index: before.emoji.length - 1 };
}

function nextRow(
  sections: readonly EmojiSection[],
  { section, index }: EmojiPlace,
  step: "up" | "down",
): EmojiPlace | null {
  const column = index % EMOJI_COLUMN_COUNT;
  const row = Math.floor(index / EMOJI_COLUMN_COUNT) + (step === "down" ? 1 : -1);
  const count = sections[section]?.emoji.length ?? 0;
  if (row >= 0 && row * EMOJI_COLUMN_COUNT < count) {
    return { section, index: Math.min(row * EMOJI_COLUMN_COUNT + column, count - 1) };
  }
  const neighbour = section + (step === "down" ? 1 : -1);
  const size = sections[neighbour]?.emoji.length;
  if (size === undefined) return null;
  const start = step === "down" ? 0 : Math.floor((size - 1) / EMOJI_COLUMN_COUNT) * EMOJI_COLUMN_COUNT;
  return { section: neighbour, index: Math.min(start + column, size - 1) };
}
