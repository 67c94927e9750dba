const ALLOWED_PROTOCOLS: ReadonlySet<string> = new Set(["http:", "https:", "mailto:"]);
/** Left by the normal form in odd hosts and mailto only; no honest address has them. */
const ODD_CHARACTER = /["<>\s]/;
const LOOKS_LIKE_ADDRESS = /^(?:https?:\/\/|www\.)\S+$/i;

/** Gives an address in its normal form, or null for anything but http, https and mailto. */
export function safeHref(address: string): string | null {
  try {
    // The parser of browsers decides, after it took out tabs, line ends and edges, as on a click.
    const url = new URL(address);
    return ALLOWED_PROTOCOLS.has(url.protocol) && !ODD_CHARACTER.test(url.href) ? url.href : null;
  } catch {
    // A relative address has no place in a message: it would lead into this site.
    return null;
  }
}

/** Gives the host that a link really goes to when its words name another one, else null. */
export function hiddenHost(words: string, href: string): string | null {
  const shown = words.trim();
  if (!LOOKS_LIKE_ADDRESS.test(shown)) return null;
  const target = new URL(href).host;
  try {
    const named = new URL(/^www\./i.test(shown) ? `http://${shown}` : shown).host;
    return named === target ? null : target;
  } catch {
    return target;
  }
}
