import { ParsingCost } from "./parsing_cost.ts";

/** Replaces `&` while parsing; a noncharacter that no text should contain. */
const AMPERSAND = "\ufdd0";
const FENCE_PATTERN = /^[ \t]*(?:(`{3,})[^`]*|(~{3,}).*)$/s;
const LIST_PATTERN = /^ {0,3}(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)/;
const QUOTE_PATTERN = /^ {0,3}>/;

/**
 * Prepares a message for the parser: quotes and lists end with their last marked line, as users expect in a chat.
 * Returns null if parsing would take long.
 */
export function prepareSource(text: string): string | null {
  const lines = hideAmpersands(text).split("\n");
  const source: string[] = [];
  let fence = "";
  let container: "none" | "quote" | "list" = "none";
  const cost = new ParsingCost();
  for (const line of lines) {
    const [, ticks, tildes] = FENCE_PATTERN.exec(line) ?? [];
    const marks = ticks ?? tildes;
    if (fence !== "") {
      // A fence in a list ends with the list.
      cost.add(container === "none" ? "" : line);
      if (cost.isTooHigh) return null;
      if (marks?.startsWith(fence) && line.trim() === marks) fence = "";
      source.push(line);
      continue;
    }
    const next = containerOf(line, container);
    const isBlank = line.trim() === "";
    if (container !== "none" && next === "none" && !isBlank) source.push("");
    cost.add(line, isBlank || next !== container);
    if (cost.isTooHigh) return null;
    container = next;
    if (marks !== undefined) fence = marks;
    source.push(line);
  }
  return source.join("\n");
}

/** Restores the original text. */
export function restoreText(text: string): string {
  return text.replaceAll(AMPERSAND, "&");
}

/**
 * Replaces `&`: the parser would decode `&amp;`, but users should see what they type. Its decoder for browsers also
 * writes to `innerHTML`, which the page forbids.
 */
function hideAmpersands(text: string): string {
  return text.replaceAll(AMPERSAND, "\ufffd").replaceAll("&", AMPERSAND);
}

function containerOf(line: string, before: "none" | "quote" | "list"): "none" | "quote" | "list" {
  if (QUOTE_PATTERN.test(line)) return "quote";
  if (LIST_PATTERN.test(line)) return "list";
  return before === "list" && /^(?: {2,}|\t)/.test(line) ? "list" : "none";
}
