import { signal } from "@preact/signals";
import { foldLookAlikes } from "../../../shared/fold_name.ts";
import type { LookAlikes } from "../../../shared/fold_name.ts";
import type { UserId } from "../../../shared/ids.ts";
import { findMentions } from "../../../shared/mentions.ts";

/** A user or a room that a message names. */
export interface NamedTarget {
  readonly sigil: "@" | "#";
  readonly id: string;
  readonly name: string;
}

/** A part of a text; `target` is what it names. */
export interface NamePart {
  readonly text: string;
  readonly target: NamedTarget | null;
}

/** An index of names. */
export interface NameIndex {
  readonly lookAlikes: LookAlikes;
  readonly people: ReadonlyMap<string, UserId>;
  readonly targets: ReadonlyMap<string, NamedTarget>;
  readonly rooms: readonly NamedTarget[];
}

interface Span {
  readonly start: number;
  readonly end: number;
  readonly target: NamedTarget;
}

const WORD_BEFORE = /[\p{L}\p{M}\p{N}_&/]$/u;
const WORD_AFTER = /^[\p{L}\p{M}\p{N}_]/u;

/** Most messages share one list, that of the rooms. */
const indexes = new WeakMap<readonly NamedTarget[], NameIndex>();

/** Empty until a message names somebody in other letters than their own, as few do. */
const lookAlikes = signal<LookAlikes>(new Map());
let loading: Promise<void> | null = null;

/** Indexes names for `splitNames`, once for each list. */
export function indexNames(names: readonly NamedTarget[]): NameIndex {
  const known = indexes.get(names);
  if (known?.people.size === 0 || known?.lookAlikes === lookAlikes.value) return known;
  const people = names.filter(({ sigil }) => sigil === "@");
  const table = lookAlikes.value;
  const index = {
    lookAlikes: table,
    people: new Map(people.map(({ id, name }) => [foldLookAlikes(name, table), id as UserId])),
    targets: new Map(people.map((person) => [person.id, person])),
    rooms: names.filter(({ sigil, name }) => sigil === "#" && name !== ""),
  };
  indexes.set(names, index);
  return index;
}

/** Finds the names in a text, by the same rule as the server; the longest match counts. */
export function splitNames(text: string, index: NameIndex): NamePart[] {
  const parts: NamePart[] = [];
  let done = 0;
  for (
    const { start, end, target } of [...findPeople(text, index), ...findRooms(text, index)].sort(byStart)
  ) {
    if (start < done) continue;
    if (start > done) parts.push({ text: text.slice(done, start), target: null });
    parts.push({ text: text.slice(start, end), target });
    done = end;
  }
  if (done < text.length) parts.push({ text: text.slice(done), target: null });
  return parts;
}

function findPeople(text: string, { people, targets, lookAlikes }: NameIndex): Span[] {
  if (people.size === 0 || !text.includes("@")) return [];
  const found = findMentions(text, people, (name) => foldLookAlikes(name, lookAlikes));
  if (found.length < text.split("@").length - 1) void loadLookAlikes();
  return found.flatMap(({ start, end, userId }) => {
    const target = targets.get(userId);
    return target === undefined ? [] : [{ start, end, target }];
  });
}

/** Fetches the table by which the server has found people; views that have indexed names follow it. */
function loadLookAlikes(): Promise<void> {
  return loading ??= import("./look_alikes.ts").then(({ LOOK_ALIKES }) => {
    lookAlikes.value = LOOK_ALIKES;
  }).catch(() => {
    loading = null;
  });
}

function findRooms(text: string, { rooms }: NameIndex): Span[] {
  const spans: Span[] = [];
  if (rooms.length === 0) return spans;
  for (let start = text.indexOf("#"); start >= 0; start = text.indexOf("#", start + 1)) {
    if (WORD_BEFORE.test(text.slice(Math.max(0, start - 2), start))) continue;
    const fitting = rooms.filter(({ name }) => isNamed(text, start + 1, name));
    const [target] = fitting.toSorted((a, b) => b.name.length - a.name.length);
    if (target !== undefined) spans.push({ start, end: start + 1 + target.name.length, target });
  }
  return spans;
}

function isNamed(text: string, at: number, name: string): boolean {
  const end = at + name.length;
  return text.slice(at, end).toLowerCase() === name.toLowerCase() &&
    !WORD_AFTER.test(text.slice(end, end + 2));
}

function byStart(a: Span, b: Span): number {
  return a.start - b.start;
}
