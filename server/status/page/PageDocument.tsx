import type { ComponentChildren, JSX } from "preact";
import type { ComponentState } from "../../../shared/status/states.ts";
import { faviconOf } from "./favicon.ts";
import { PAGE_SCRIPT } from "./page_script.ts";
import { PAGE_STYLE, pagePolicy } from "./page_style.ts";
import type { PageWords } from "./page_words.ts";
import { StateShapes } from "./StateIcon.tsx";

/** Seconds after which a page without script is asked for again. */
const REFRESH_S = 60;

export interface PageDocumentProps {
  /** The first heading, which leads to `homeUrl`. */
  readonly name: string;
  readonly homeUrl: string;
  readonly title: string;
  readonly state: ComponentState;
  readonly words: PageWords;
  /** Empty for a page that says nothing about now, and cannot grow older. */
  readonly asOf: string;
  /** Whether it loads a script besides its own. */
  readonly hasScript: boolean;
  readonly links?: ComponentChildren;
  readonly menu?: ComponentChildren;
  readonly footer: ComponentChildren;
  readonly children: ComponentChildren;
}

/** The document around a page of the server, and around a copy, which is a file of its own. */
export function PageDocument(props: PageDocumentProps): JSX.Element {
  const { name, homeUrl, title, state, words, asOf, hasScript, links, menu, footer, children } = props;
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
        <meta http-equiv="Content-Security-Policy" content={metaPolicy(hasScript)} />
        <title>{title}</title>
        <link rel="icon" href={faviconOf(state)} />
        <noscript>
          <meta http-equiv="refresh" content={String(REFRESH_S)} />
        </noscript>
        <style>{PAGE_STYLE}</style>
        {links}
      </head>
      <body>
        <StateShapes />
        <header>
          <h1>
            <svg class="brand" viewBox="0 0 24 24" aria-hidden="true">
              <path d="M4 6a2 2 0 0 1 2-2h9a2 2 0 0 1 2 2v5a2 2 0 0 1-2 2H9l-4 3.5z" />
              <path d="M20 9v8.5L17 15.5" />
            </svg>
            <a href={homeUrl}>{name}</a>
          </h1>
          {menu}
        </header>
        <main>{children}</main>
        <footer>{footer}</footer>
        <p class="told" role="status" />
        <p class="told" role="alert" />
        <script>{PAGE_SCRIPT}</script>
      </body>
    </html>
  );
}

/** In a page, `frame-ancestors` means nothing and browsers complain about it. */
function metaPolicy(hasScript: boolean): string {
  return pagePolicy(hasScript).split("; ").filter((rule) => !rule.startsWith("frame-ancestors")).join("; ");
}
