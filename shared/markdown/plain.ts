/** No block begins with a letter, and none of these characters is inside. */
const PLAIN_LINE = /^\p{L}[^\p{Cc}`*_~[\\<@\ufdd0]*$/u;
const ADDRESS_START = /www\.|:\/\//i;

/**
 * Whether each line of a text is surely only words, as in most messages; such a text is shown as written, and need not
 * be parsed.
 */
export function isPlain(text: string): boolean {
  if (ADDRESS_START.test(text)) return false;
  return text.split("\n").every((line) => PLAIN_LINE.test(line) && !line.endsWith(" "));
}
