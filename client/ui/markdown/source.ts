const LINES_MAX_COUNT = 600;
const NESTING_MAX_COUNT = 12;
const MARKS_MAX_COUNT = 300;

/** Stands for `&` while parsing; a noncharacter that no text should hold. */
const AMPERSAND = "\ufdd0";
const FENCE_PATTERN = /^ {0,3}(`{3,}|~{3,})/;
const MARKER_PATTERN = /^(?:>|[-*+](?=[ \t]|$)|\d{1,9}[.)](?=[ \t]|$))/;
const LIST_PATTERN = /^ {0,3}(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)/;
const QUOTE_PATTERN = /^ {0,3}>/;

/**
 * Prepares a message for the parser: a quote and a list end with their last marked line, as people expect in a
 * chat. Gives null for a tangle of marks, on which the parser would take seconds.
 */
export function prepareSource(text: string): string | null {
  const lines = hideAmpersands(text).split("\n");
  if (lines.length > LINES_MAX_COUNT) return null;
  const source: string[] = [];
  let fence = "";
  let container: "none" | "quote" | "list" = "none";
  let markCount = 0;
  for (const line of lines) {
    const marks = FENCE_PATTERN.exec(line)?.[1];
    if (fence !== "") {
      if (marks?.startsWith(fence)) fence = "";
      source.push(line);
      continue;
    }
    if (countNesting(line) > NESTING_MAX_COUNT) return null;
    markCount += countMarks(line);
    const next = containerOf(line, container);
    if (container !== "none" && next === "none" && line.trim() !== "") source.push("");
    container = next;
    if (marks !== undefined) fence = marks;
    source.push(line);
  }
  return markCount > MARKS_MAX_COUNT ? null : source.join("\n");
}

/** Gives the text back as it was written. */
export function restoreText(text: string): string {
  return text.replaceAll(AMPERSAND, "&");
}

/**
 * Hides `&`: the parser would read `&amp;` as `&`, but here people see what they type. Its decoder for browsers
 * also writes to `innerHTML`, which the page forbids.
 */
function hideAmpersands(text: string): string {
  return text.replaceAll(AMPERSAND, "\ufffd").replaceAll("&", AMPERSAND);
}

function containerOf(line: string, before: "none" | "quote" | "list"): "none" | "quote" | "list" {
  if (QUOTE_PATTERN.test(line)) return "quote";
  if (LIST_PATTERN.test(line)) return "list";
  return before === "list" && /^(?: {2,}|\t)/.test(line) ? "list" : "none";
}

function countNesting(line: string): number {
  let rest = line;
  let count = 0;
  while (count <= NESTING_MAX_COUNT) {
    rest = rest.trimStart();
    const marker = MARKER_PATTERN.exec(rest)?.[0];
    if (marker === undefined) break;
    rest = rest.slice(marker.length);
    count++;
  }
  return count;
}

function countMarks(line: string): number {
  let count = 0;
  for (const character of line) {
    if (character === "*" || character === "_" || character === "~" || character === "[") count++;
  }
  return count;
}
