import type { JSX } from "preact";

/** A menu of all ways to hear of changes; it opens without a script. */
export function Subscribe({ url }: { readonly url: string }): JSX.Element {
  return (
    <nav aria-label="Subscribe">
      <details>
        <summary>Subscribe</summary>
        <ul>
          <li>
            <a href="/status/feed.atom">Atom</a> or <a href="/status/feed.rss">RSS</a>: each update
          </li>
          <li>
            <a href="/status/maintenance.ics">Calendar</a>: planned maintenance
          </li>
          <li>
            For other chats, paste: <code>/feed subscribe {url}/status/feed.atom</code>
          </li>
          <li>
            For programs: <a href="/status/events">events</a>, <a href="/api/v2/summary.json">JSON</a>,{" "}
            <a href="/status.md">text</a>
          </li>
        </ul>
      </details>
    </nav>
  );
}
