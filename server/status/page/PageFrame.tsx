import type { ComponentChildren, JSX } from "preact";
import { isolated } from "../../../shared/format_characters.ts";
import type { ComponentState } from "../../../shared/status/states.ts";
import type { Status } from "../../../shared/status/status.ts";
import { PageDocument } from "./PageDocument.tsx";
import type { PageWords } from "./page_words.ts";
import { Subscribe } from "./Subscribe.tsx";

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

/** A page of the server: head, name and links. */
export function PageFrame(
  { page, title, state, words, url, scriptPath, mirrorUrl, children }: PageFrameProps,
): JSX.Element {
  const { name, asOf } = page;
  const { live } = words;
  const links = (
    <>
      <link rel="alternate" type="application/json" href="/api/v2/summary.json" />
      <link rel="alternate" type="application/atom+xml" title="Updates" href="/status/feed.atom" />
      <link rel="alternate" type="application/rss+xml" title="Updates (RSS)" href="/status/feed.rss" />
      <link rel="alternate" type="text/calendar" title="Maintenance" href="/status/maintenance.ics" />
      {scriptPath !== null && <script type="module" src={scriptPath} />}
    </>
  );
  const footer = (
    <>
      {words.rule} <span class="zone">{live.timesIn("UTC")}</span>{" "}
      <a href="/status/history">{words.history}</a>
      {mirrorUrl !== null && [" · ", <a key="mirror" rel="alternate" href={mirrorUrl}>{words.mirror}</a>]}
    </>
  );
  return (
    <PageDocument
      name={live.pageName(isolated(name))}
      homeUrl="/status"
      title={title}
      state={state}
      words={words}
      asOf={asOf}
      hasScript={scriptPath !== null}
      links={links}
      menu={<Subscribe url={url} words={words} />}
      footer={footer}
    >
      {children}
    </PageDocument>
  );
}
