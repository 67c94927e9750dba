/** An address in a text without markup. */
export interface BareLink {
  readonly text: string;
  readonly url: string;
}

const URL_PATTERN = /(https?:\/\/|www(?=\.))([-.\w]+)[^ \t\r\n]*/gi;
/** Also matches possible names without a host; otherwise they would be scanned again from each of their characters. */
const MAIL_PATTERN = /([-+.\w]+)(?:@[-\w]+(?:\.[-\w]+)+)?/g;
const BREAK_PATTERN = /[\s\p{P}\p{S}]/u;
/** Punctuation that ends a sentence rather than the address in it. */
const TRAIL = "!\"&'),.:;<>?]}";

/** Finds the addresses that the tokenizer misses, such as those after an unclosed bracket. */
export function splitBareLinks(text: string): (string | BareLink)[] {
  return split(text, URL_PATTERN, findUrl).flatMap((part) =>
    typeof part === "string" ? split(part, MAIL_PATTERN, findMail) : [part]
  );
}

function split(
  text: string,
  pattern: RegExp,
  find: (match: RegExpExecArray, before: string) => BareLink | null,
): (string | BareLink)[] {
  const parts: (string | BareLink)[] = [];
  let done = 0;
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const { index, 0: matched, 1: begin = "" } = match;
    const link = find(match, text.charAt(index - 1));
    pattern.lastIndex = index + begin.length;
    if (link === null) continue;
    const start = index + matched.indexOf(link.text);
    parts.push(text.slice(done, start), link);
    done = pattern.lastIndex = start + link.text.length;
  }
  return [...parts, text.slice(done)].filter((part) => part !== "");
}

function findUrl([matched, start = "", domain = ""]: RegExpExecArray, before: string): BareLink | null {
  const labels = domain.split(".");
  const hasHost = labels.length > 1 &&
    labels.slice(-2).every((label) => label === "" || (!label.includes("_") && /[a-z\d]/i.test(label)));
  if (!hasHost || !isBreak(before)) return null;
  let end = matched.length;
  while (TRAIL.includes(matched.charAt(end - 1))) end--;
  if (end === start.length && start.endsWith("/")) return null;
  // A closing bracket belongs to an address that has opened one.
  const inside = matched.slice(0, end);
  let openCount = inside.split("(").length - inside.split(")").length;
  for (let at = matched.indexOf(")", end); at >= 0 && openCount > 0; at = matched.indexOf(")", end)) {
    end = at + 1;
    openCount--;
  }
  const text = matched.slice(0, end);
  return { text, url: start.endsWith("/") ? text : `http://${text}` };
}

function findMail([matched, name = ""]: RegExpExecArray, before: string): BareLink | null {
  const isWhole = before !== "/" && isBreak(before);
  // After a letter of another script, the address begins after its first punctuation mark.
  const from = isWhole ? 0 : name.search(/[-+._]./) + 1;
  if (matched === name || (from === 0 && !isWhole) || /[-_\d]$/.test(matched)) return null;
  const text = matched.slice(from);
  return { text, url: `mailto:${text}` };
}

function isBreak(before: string): boolean {
  return before === "" || BREAK_PATTERN.test(before);
}
