import type { ComponentChildren, JSX } from "preact";
import { faviconOf } from "./favicon.ts";
import type { ComponentState } from "../../../shared/status/states.ts";
import type { Status } from "../../../shared/status/status.ts";
import { PAGE_SCRIPT } from "./page_script.ts";
import { PAGE_STYLE, pagePolicy } from "./page_style.ts";
import type { PageWords } from "./page_words.ts";
import { StateShapes } from "./StateIcon.tsx";
import { Subscribe } from "./Subscribe.tsx";

/** Seconds after which a page without script is asked for again. */
const REFRESH_S = 60;

/** How pages are made for one reader. */
export interface PageSetting {
  readonly words: PageWords;
  /** Origin under which the page is served. */
  readonly url: string;
  /** The script that keeps a page up to date; null for copies, which are files of their own. */
  readonly scriptPath: string | null;
  /** A copy on another machine. */
  readonly mirrorUrl: string | null;
}

/** What every page has. */
export interface PageFrameProps extends PageSetting {
  readonly page: Status["page"];
  readonly title: string;
  readonly state: ComponentState;
  readonly children: ComponentChildren;
}

/** The document around a page: head, name and links. */
export function PageFrame(
  { page, title, state, words, url, scriptPath, mirrorUrl, children }: PageFrameProps,
): JSX.Element {
  const { name, asOf } = page;
  const { live } = words;
  return (
    <html
      lang={live.language}
      data-as-of={asOf}
      data-old-title={words.oldTitle}
      data-old-heading={live.allUnknown}
      data-old-line={words.oldLine}
      data-last-known={words.lastKnown}
    >
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        {/* A copy of this page keeps the policy, whatever serves it. */}
        <meta http-equiv="Content-Security-Policy" content={metaPolicy(scriptPath !== null)} />
        <title>{title}</title>
        <link rel="icon" href={faviconOf(state)} />
        <link rel="alternate" type="application/json" href="/api/v2/summary.json" />
        <link rel="alternate" type="application/atom+xml" title="Updates" href="/status/feed.atom" />
        <link rel="alternate" type="application/rss+xml" title="Updates (RSS)" href="/status/feed.rss" />
        <link rel="alternate" type="text/calendar" title="Maintenance" href="/status/maintenance.ics" />
        <noscript>
          <meta http-equiv="refresh" content={String(REFRESH_S)} />
        </noscript>
        <style>{PAGE_STYLE}</style>
        {scriptPath !== null && <script type="module" src={scriptPath} />}
      </head>
      <body>
        <StateShapes />
        <header>
          <h1>
            <svg class="brand" viewBox="0 0 24 24" aria-hidden="true">
              <path d="M4 6a2 2 0 0 1 2-2h9a2 2 0 0 1 2 2v5a2 2 0 0 1-2 2H9l-4 3.5z" />
              <path d="M20 9v8.5L17 15.5" />
            </svg>
            <a href="/status" dir="auto">{live.pageName(name)}</a>
          </h1>
          <Subscribe url={url} words={words} />
        </header>
        <main>{children}</main>
        <footer>
          {words.rule} <span class="zone">{live.timesIn("UTC")}</span>{" "}
          <a href="/status/history">{words.history}</a>
          {mirrorUrl !== null && [" · ", <a key="mirror" rel="alternate" href={mirrorUrl}>{words.mirror}</a>]}
        </footer>
        <script>{PAGE_SCRIPT}</script>
      </body>
    </html>
  );
}

/** In a page, `frame-ancestors` means nothing and browsers complain about it. */
export function metaPolicy(hasScript: boolean): string {
  return pagePolicy(hasScript).split("; ").filter((rule) => !rule.startsWith("frame-ancestors")).join("; ");
}
