import { parseTokens } from "../markdown/parse.ts";
import { prepareSource } from "../markdown/source.ts";

/** No spelling of a path is shorter than the path. */
const ROOM_PATH_CHARACTERS = "/r/".length + 16;
const ROOM_PATTERN = /\/r\/[a-z0-9_-]{16}/i;
/** How often one spelling may stand for another, such as `%2572` or `&amp;#114;`. */
const SPELLINGS_MAX_COUNT = 3;
/** What links may be hidden in that are only found once others are taken out. */
const NESTED_MAX_COUNT = 4;
const REFERENCE_PATTERN = /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,7}));?/gi;
/** Names of characters that addresses are made of. */
const NAMED: Readonly<Record<string, string>> = {
  amp: "&",
  bsol: "\\",
  colon: ":",
  dash: "-",
  hyphen: "-",
  lowbar: "_",
  newline: "\n",
  num: "#",
  percnt: "%",
  period: ".",
  quest: "?",
  sol: "/",
  tab: "\t",
};
/** The address of a reference, which other readers of Markdown may know. */
const DEFINITION_PATTERN = /^ {0,3}\[[^\[\]]+\]:/;
/** The end of a bare link; `withoutPlainLinks` finds its start. */
const BARE_END_PATTERN = /\/r\/[a-z0-9_-]{16}(?:\/\d{0,16})?(?:[?#][^\s()<>]{0,255})?>?[ \t]?/gi;
const BARE_START_MAX_CHARACTERS = 255;
const OUTSIDE_PATTERN = /[\s()<>[\]]/;
/** A word with what surrounds an address. */
const WORD_PATTERN = /<?[^\s()<>[\]]+>?[ \t]?/g;
const ODD_PATTERN = /[%&\\]|\/\./;
const MARKS_PATTERN = /^[*_~]+/;
/** Segments that lead nowhere, and back. */
const HERE_PATTERN = /\/\.(?=\/)/g;
const BACK_PATTERN = /\/[^/?#]*\/\.\.\//g;
const BACK_MAX_COUNT = 20;
const TRAIL = ".,;:!?'\"";

/** A part of a text; `end` is excluded. */
interface Range {
  readonly start: number;
  readonly end: number;
}

interface OpenLink {
  label: Range | null;
  address: Range | null;
  title: Range | null;
}

/** Takes links to rooms out of a Markdown text, in whatever spelling; their words stay. */
export function withoutRoomLinks(text: string): string {
  let rest = text;
  for (let count = 0; count < NESTED_MAX_COUNT; count++) {
    const before = rest;
    rest = withoutWordedLinks(before);
    if (rest === before) break;
  }
  const withoutDefinitions = rest.split("\n")
    .map((line) => DEFINITION_PATTERN.test(line) && leadsToRoom(line) ? "" : line).join("\n");
  return withoutOddLinks(withoutPlainLinks(withoutDefinitions));
}

/** Whether an address leads to a room or a message, as a browser reads it or another reader of Markdown does. */
export function leadsToRoom(address: string): boolean {
  let path = plainly(address).replace(HERE_PATTERN, "");
  if (ROOM_PATTERN.test(path)) return true;
  for (let count = 0; count < BACK_MAX_COUNT && path.includes("/../"); count++) {
    path = path.replace(BACK_PATTERN, "/");
  }
  return ROOM_PATTERN.test(path);
}

/** Writes out what stands for other characters. */
function plainly(address: string): string {
  let plain = address;
  for (let count = 0; count < SPELLINGS_MAX_COUNT; count++) {
    const before = plain;
    plain = before
      .replace(REFERENCE_PATTERN, (written, decimal?: string, hex?: string, name?: string) => {
        if (name !== undefined) return NAMED[name.toLowerCase()] ?? written;
        const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
        return code <= 0x10ffff ? String.fromCodePoint(code) : written;
      })
      .replace(/%([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
      .replace(/[\t\n\r]/g, "");
    if (plain === before) break;
  }
  // Markdown takes a backslash before a mark away, and browsers take others for slashes.
  // A million of them are replaced in a fifth of the time that `replaceAll` takes.
  return plain.replace(/\\(?=[!-/:-@[-`{-~])/g, "").split("\\").join("/");
}

/** Takes out links with words of their own, which stay, and titles that name a room. */
function withoutWordedLinks(text: string): string {
  if (!text.includes("](") || !/[\w-]{16}/.test(plainly(text))) return text;
  const source = prepareSource(text);
  // It is shown as it is written.
  if (source === null) return text;
  const places = placesIn(source, text);
  let rest = text;
  for (const { start, end } of rangesOf(source).toSorted((a, b) => b.start - a.start)) {
    rest = rest.slice(0, places[start]) + rest.slice(places[end]);
  }
  return rest;
}

/** What has to go, each part once. */
function rangesOf(source: string): Range[] {
  const ranges: Range[] = [];
  const open: OpenLink[] = [];
  const textOf = ({ start, end }: Range) => source.slice(start, end).replaceAll("\ufdd0", "&");
  for (const [kind, { type, start, end }] of parseTokens(source)) {
    const range: Range = { start: start.offset, end: end.offset };
    const isLink = type === "link" || type === "image";
    const top = open.at(-1);
    if (kind === "enter") {
      if (isLink) open.push({ label: null, address: null, title: null });
      else if (top === undefined) continue;
      else if (type === "labelText") top.label ??= range;
      else if (type === "resourceDestinationString") top.address = range;
      else if (type === "resourceTitle") top.title = range;
    } else if (isLink) {
      const { label, address, title } = open.pop() ?? {};
      if (address === undefined || address === null) continue;
      if (leadsToRoom(textOf(address))) {
        const inside = label ?? { start: range.end, end: range.end };
        ranges.push({ start: range.start, end: inside.start }, { start: inside.end, end: range.end });
      } else if (title && leadsToRoom(textOf(title))) {
        ranges.push({ start: title.start, end: title.end });
      }
    }
  }
  return ranges;
}

/** Where each character of the prepared source stands in the text: the source has further line ends. */
function placesIn(source: string, text: string): number[] {
  const places: number[] = [];
  let at = 0;
  for (let index = 0; index < source.length; index++) {
    places.push(at);
    if (source[index] !== "\n" || text[at] === "\n") at++;
  }
  return [...places, at];
}

/** Takes out addresses without words whose spelling hides that they lead to a room. */
function withoutOddLinks(text: string): string {
  if (!ODD_PATTERN.test(text)) return text;
  return text.replace(WORD_PATTERN, (written) => {
    const isOdd = written.length >= ROOM_PATH_CHARACTERS && ODD_PATTERN.test(written);
    if (!isOdd || !leadsToRoom(written)) return written;
    const word = written.replace(/^<|>?[ \t]?$/g, "");
    const [marks = ""] = MARKS_PATTERN.exec(word) ?? [];
    let end = word.length;
    while (TRAIL.includes(word.charAt(end - 1))) end--;
    // Of marks around it, none is left alone.
    const close = marks !== "" && word.slice(marks.length, end).endsWith(marks) ? marks : "";
    return marks + close + word.slice(end);
  });
}

/** One pattern for whole links would look ahead from each character: milliseconds for a long text without any link. */
function withoutPlainLinks(text: string): string {
  let rest = "";
  let end = 0;
  for (const { index, 0: { length } } of text.matchAll(BARE_END_PATTERN)) {
    const from = Math.max(end, index - BARE_START_MAX_CHARACTERS);
    let start = index;
    while (start > from && !OUTSIDE_PATTERN.test(text.charAt(start - 1))) start--;
    if (start > end && text[start - 1] === "<") start--;
    rest += text.slice(end, start);
    end = index + length;
  }
  return rest + text.slice(end);
}
