const ALLOWED_PROTOCOLS: ReadonlySet<string> = new Set(["http:", "https:", "mailto:"]);
/** Normalization leaves these only in malformed hosts and in mailto; legitimate addresses do not have them. */
const ODD_CHARACTER = /["<>\s]/;
const LOOKS_LIKE_ADDRESS = /^(?:https?:\/\/|www\.)\S+$/i;

/** Normalizes an address; null for anything but http, https and mailto. */
export function safeHref(address: string): string | null {
  try {
    // The browser's parser decides, which removes tabs, line ends and surrounding spaces as on a click.
    const url = new URL(address);
    return ALLOWED_PROTOCOLS.has(url.protocol) && !ODD_CHARACTER.test(url.href) ? url.href : null;
  } catch {
    // Relative addresses are refused: they would lead into this site.
    return null;
  }
}

/** Returns the host of a link if its text names another one, else null. */
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
