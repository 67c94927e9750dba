/** A word or a quoted text of a command. */
export interface Token {
  readonly text: string;
  readonly isQuoted: boolean;
  /** White space before it, which free text keeps. */
  readonly gap: string;
}

/** Phones type curly quotes. */
const CLOSING: Readonly<Record<string, string>> = { '"': '"', "“": "”", "„": "“", "«": "»" };

/** Splits a command into words and quoted texts; an unclosed quote reaches to the end. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const gapStart = at;
    while (at < text.length && /\s/.test(text[at] ?? "")) at++;
    const gap = text.slice(gapStart, at);
    if (at === text.length) break;
    const closing = CLOSING[text[at] ?? ""];
    if (closing === undefined) {
      const start = at;
      while (at < text.length && !/\s/.test(text[at] ?? "")) at++;
      tokens.push({ text: text.slice(start, at), isQuoted: false, gap });
      continue;
    }
    const end = text.indexOf(closing, at + 1);
    const quoted = text.slice(at + 1, end === -1 ? text.length : end);
    tokens.push({ text: quoted, isQuoted: true, gap });
    at = end === -1 ? text.length : end + 1;
  }
  return tokens;
}

/** Joins the rest of a command to a free text. */
export function textOf(tokens: readonly Token[]): string {
  return tokens.map(({ text, gap }) => gap + text).join("").trim();
}
