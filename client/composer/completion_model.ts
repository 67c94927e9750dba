import { batch, computed, signal } from "@preact/signals";
import type { ReadonlySignal, Signal } from "@preact/signals";
import type { RoomId, UserId } from "../../shared/ids.ts";
import { NAME_MAX_CHARACTERS, ROOM_NAME_MAX_CHARACTERS } from "../../shared/limits.ts";
import { compareNames } from "../ui/compare_names.ts";
import { findEmoji } from "../ui/emoji/emoji.ts";
import type { EmojiCatalog } from "../ui/emoji/emoji.ts";
import { foldForSearch } from "../ui/fold_for_search.ts";
import { applyChange, isInsideFence } from "./text_edits.ts";
import type { TextState } from "./text_edits.ts";

/** The character that opens a list of users, rooms or emoji. */
export type Sigil = "@" | "#" | ":" | "/";

/** The part of a name that was typed. */
export interface Trigger {
  readonly sigil: Sigil;
  /** The index of the sigil. */
  readonly start: number;
  readonly query: string;
}

/** A user who can be mentioned. */
export interface CompletionPerson {
  readonly id: UserId;
  readonly name: string;
}

/** A room that can be linked. */
export interface CompletionRoom {
  readonly id: RoomId;
  readonly name: string;
  readonly isPrivate?: boolean;
}

/** One item of the list. */
export interface CompletionItem {
  /** An account, a room or a shortcode. */
  readonly id: string;
  readonly sigil: Sigil;
  readonly label: string;
  /** The text to insert. */
  readonly insert: string;
  readonly emoji?: string;
  readonly isPrivate?: boolean;
}

/** Where candidates come from. Signals that these functions read are followed. */
export interface CompletionSources {
  readonly people: () => readonly CompletionPerson[];
  readonly rooms: () => readonly CompletionRoom[];
  readonly emoji: EmojiCatalog;
  /** How a command could go on, for a text that begins with a slash. */
  readonly commands: (query: string) => readonly CompletionItem[];
}

/** The state of the open list. */
export interface CompletionList {
  readonly sigil: Sigil;
  readonly items: readonly CompletionItem[];
  readonly selected: number;
}

const SHOWN_COUNT = 8;
const EMOJI_QUERY_MIN = 2;
/** Commands have no limit: only their first line is looked at. */
const QUERY_MAX = { "@": NAME_MAX_CHARACTERS, "#": ROOM_NAME_MAX_CHARACTERS, ":": 40 };
const QUERY_MAX_COUNT = Math.max(...Object.values(QUERY_MAX));
// A sigil within a word or an address opens no list, nor does a colon after a digit, as in a time.
const WORD_BEFORE = /[\p{L}\p{N}_.\-/@#:]$/u;
const EMOJI_QUERY = /^[a-z0-9_+-]*$/i;

/** Finds the unfinished name before the caret, if there is one. */
export function findTrigger(text: string, caret: number): Trigger | null {
  const query = text.slice(1, caret);
  // Names and options; a mention within its text opens a list of people.
  if (text[0] === "/" && caret > 0 && !/[\n@#]|^\//.test(query)) return { sigil: "/", start: 0, query };
  const lineStart = text.lastIndexOf("\n", caret - 1) + 1;
  const line = text.slice(lineStart, caret);
  for (let at = line.length - 1; at >= Math.max(0, line.length - 1 - QUERY_MAX_COUNT); at--) {
    const sigil = line[at];
    if (sigil !== "@" && sigil !== "#" && sigil !== ":") continue;
    const query = line.slice(at + 1);
    if (!isQuery(sigil, query) || WORD_BEFORE.test(line.slice(Math.max(0, at - 2), at))) continue;
    return isInCode(text, lineStart + at, lineStart) ? null : { sigil, start: lineStart + at, query };
  }
  return null;
}

/** The list of names that opens while a name is typed. */
export class CompletionModel {
  /** The open list; null while closed. */
  readonly list: ReadonlySignal<CompletionList | null>;
  readonly #trigger: Signal<Trigger | null> = signal(null);
  readonly #selected = signal(0);
  /** The sigil whose list was closed by the user or by a choice; it stays closed. */
  #closedAt: number | null = null;
  readonly #emoji: EmojiCatalog;

  constructor(sources: CompletionSources) {
    this.#emoji = sources.emoji;
    const items = computed(() => {
      const trigger = this.#trigger.value;
      return trigger === null ? [] : findItems(sources, trigger);
    });
    this.list = computed(() => {
      const trigger = this.#trigger.value;
      const count = items.value.length;
      if (trigger === null || count === 0) return null;
      return {
        sigil: trigger.sigil,
        items: items.value,
        selected: Math.min(this.#selected.value, count - 1),
      };
    });
  }

  /** The text has changed. */
  typed({ text, start, end }: TextState): void {
    const found = start === end ? findTrigger(text, start) : null;
    if (found === null || found.start !== this.#closedAt) this.#closedAt = null;
    this.#set(this.#closedAt === null ? found : null);
  }

  /** The caret was moved: this never opens a list, but closes the one that it has left. */
  moved(state: TextState): void {
    const open = this.#trigger.peek();
    if (open === null) return;
    const found = state.start === state.end ? findTrigger(state.text, state.start) : null;
    this.#set(found?.start === open.start ? found : null);
  }

  /** Moves the selection, around the ends. */
  move(step: 1 | -1): void {
    const list = this.list.peek();
    if (list === null) return;
    this.#selected.value = (list.selected + step + list.items.length) % list.items.length;
  }

  /** Closes the list until another name is started. */
  close(): void {
    this.#closedAt = this.#trigger.peek()?.start ?? null;
    this.#set(null);
  }

  /** Replaces what was typed by an item of the list, the selected one by default. */
  choose(state: TextState, item?: CompletionItem): TextState {
    const trigger = this.#trigger.peek();
    const list = this.list.peek();
    const chosen = item ?? list?.items[list.selected];
    if (trigger === null || chosen === undefined) return state;
    this.close();
    const end = trigger.start + 1 + trigger.query.length;
    const gap = state.text[end] === " " ? "" : " ";
    const next = applyChange(state, { start: trigger.start, end, insert: chosen.insert + gap });
    return gap === "" ? { ...next, start: next.start + 1, end: next.end + 1 } : next;
  }

  #set(trigger: Trigger | null): void {
    const before = this.#trigger.peek();
    if (trigger?.start === before?.start && trigger?.query === before?.query) return;
    if (trigger?.sigil === ":") void this.#emoji.load();
    batch(() => {
      this.#trigger.value = trigger;
      this.#selected.value = 0;
    });
  }
}

function isQuery(sigil: keyof typeof QUERY_MAX, query: string): boolean {
  if (query.length > QUERY_MAX[sigil] || /^[\s@#:]/.test(query)) return false;
  return sigil !== ":" || (query.length >= EMOJI_QUERY_MIN && EMOJI_QUERY.test(query));
}

function isInCode(text: string, at: number, lineStart: number): boolean {
  const ticks = text.slice(lineStart, at).split("`").length - 1;
  return ticks % 2 === 1 || isInsideFence(text, at);
}

function findItems(sources: CompletionSources, trigger: Trigger): readonly CompletionItem[] {
  const { sigil, query } = trigger;
  if (sigil === "/") return sources.commands(query);
  if (sigil === ":") {
    return findEmoji(sources.emoji.entries.value ?? [], query, SHOWN_COUNT).map(({ emoji, names }) => {
      const name = names[0] ?? query;
      return { id: name, sigil, label: `:${name}:`, insert: emoji, emoji };
    });
  }
  const candidates: readonly { id: string; name: string; isPrivate?: boolean }[] = sigil === "@"
    ? sources.people()
    : sources.rooms();
  return findNamed(candidates, query).map(({ id, name, isPrivate = false }) => ({
    id,
    sigil,
    label: name,
    insert: sigil + name,
    isPrivate,
  }));
}

function findNamed<T extends { name: string }>(candidates: readonly T[], query: string): T[] {
  const wanted = foldForSearch(query);
  // The name is complete and the sentence continues: Enter must send, not choose a longer name.
  const isDone = query.endsWith(" ") &&
    candidates.some(({ name }) => foldForSearch(name) === wanted.trimEnd());
  if (isDone) return [];
  const byStart: T[] = [];
  const byWord: T[] = [];
  for (const candidate of candidates) {
    const name = foldForSearch(candidate.name);
    if (name.startsWith(wanted)) byStart.push(candidate);
    else if (name.split(/[\s\-_.]+/).some((word) => word.startsWith(wanted))) byWord.push(candidate);
  }
  const inOrder = (named: T[]) => named.sort((a, b) => compareNames(a.name, b.name));
  return [...inOrder(byStart), ...inOrder(byWord)].slice(0, SHOWN_COUNT);
}
