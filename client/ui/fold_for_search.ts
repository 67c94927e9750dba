/** Removes case and accents, in the same way for every language of the browser: "jose" finds "José". */
export function foldForSearch(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}
