import type { JSX } from "preact";
import type { LiveWords } from "../../../shared/status/live_words.ts";
import { timeWords } from "../../../shared/status/times.ts";

/** A moment in UTC; a script may show it in the reader's own zone. */
export function Time({ at, words }: { readonly at: string; readonly words: LiveWords }): JSX.Element {
  return <time dateTime={at}>{timeWords(at, words.locale, "UTC")}</time>;
}
