import type { JSX } from "preact";
import type { RoughCount, StatusActivity } from "../../../shared/status/status.ts";
import type { PageWords } from "./page_words.ts";

/** How much the team uses its chat, as far as an owner shows it. */
export function Activity(
  { activity: { online, messagesToday }, words }: {
    readonly activity: StatusActivity;
    readonly words: PageWords;
  },
): JSX.Element {
  const shown = (count: RoughCount) =>
    typeof count === "number" ? count.toLocaleString(words.live.locale) : words.fewerThan5;
  return (
    <>
      <div>
        <dt>{words.online}</dt>
        <dd>{shown(online)}</dd>
      </div>
      <div>
        <dt>{words.messagesToday}</dt>
        <dd>{shown(messagesToday)}</dd>
      </div>
    </>
  );
}
