import type { JSX } from "preact";
import { renderToString } from "preact-render-to-string";
import { PublicMarkdown } from "../PublicMarkdown.tsx";
import { timeText } from "../status_text.ts";
import type { FeedEntry } from "./feed_entries.ts";

/** Text of an update as markup, with the times of a maintenance. */
export function renderUpdateText(entry: FeedEntry): string {
  return renderToString(<UpdateText entry={entry} />);
}

/** A line of plain text as markup. */
export function renderLine(text: string): string {
  return renderToString(<>{text}</>);
}

function UpdateText({ entry: { update, planned } }: { readonly entry: FeedEntry }): JSX.Element {
  return (
    <>
      <PublicMarkdown source={update} />
      {planned !== null && (
        <p>
          Planned from <time dateTime={planned.startsAt}>{timeText(planned.startsAt)}</time> to{" "}
          <time dateTime={planned.endsAt}>{timeText(planned.endsAt)}</time>
        </p>
      )}
    </>
  );
}
