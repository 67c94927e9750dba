import type { JSX } from "preact";
import type { PageWords } from "./page_words.ts";

/** A menu of all ways to hear of changes; it opens without a script. */
export function Subscribe({ url, words }: { readonly url: string; readonly words: PageWords }): JSX.Element {
  return (
    <nav aria-label={words.subscribe}>
      <details>
        <summary>{words.subscribe}</summary>
        <ul>
          <li>
            <a href="/status/feed.atom">Atom</a>, <a href="/status/feed.rss">RSS</a>: {words.eachUpdate}
          </li>
          <li>
            <a href="/status/maintenance.ics">{words.calendar}</a>: {words.planned}
          </li>
          <li>
            {words.pasteInSlack} <code>/feed subscribe {url}/status/feed.atom</code>
          </li>
          <li>
            {words.forPrograms} <a href="/status/events">{words.events}</a>,{" "}
            <a href="/api/v2/summary.json">JSON</a>, <a href="/status.md">{words.text}</a>
          </li>
        </ul>
      </details>
    </nav>
  );
}
