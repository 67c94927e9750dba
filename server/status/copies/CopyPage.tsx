import type { JSX } from "preact";
import { LEVEL_TONES } from "../../../shared/status/tones.ts";
import { STATE_WORDS } from "../../../shared/status/words.ts";
import { timeText } from "../status_text.ts";
import { PublicMarkdown } from "../PublicMarkdown.tsx";
import { faviconOf } from "../page/favicon.ts";
import { metaPolicy } from "../page/PageFrame.tsx";
import { PAGE_SCRIPT } from "../page/page_script.ts";
import { PAGE_STYLE } from "../page/page_style.ts";
import { pageWords } from "../page/page_words.ts";
import { StateIcon, StateShapes } from "../page/StateIcon.tsx";
import type { CopiedAnnouncement, CopiedAnswers, CopiedComponent, CopiedStory } from "./copied_answers.ts";

/** Seconds after which a browser asks for a copy again. */
const REFRESH_S = 60;
const WORDS = pageWords("en");

/** A page that is a file, and is served by somebody else. */
export interface CopyPageProps {
  readonly answers: CopiedAnswers;
  /** Where the page itself is. */
  readonly origin: string;
  /** Why nothing is known of now; null for a copy that is up to date. */
  readonly unknownBecause: string | null;
}

/** Shows what was known when the copy was made; of now only if it is up to date. */
export function CopyPage({ answers: { summary }, origin, unknownBecause }: CopyPageProps): JSX.Element {
  const { page, status, components, incidents } = summary;
  const { scheduled_maintenances: maintenances, x_announcements: announcements } = summary;
  const isKnown = unknownBecause === null;
  const state = isKnown ? status.x_status : "unknown";
  const headline = isKnown ? status.x_sentence : "The current state is unknown";
  const asOf = timeText(page.updated_at);
  return (
    <html
      lang="en"
      // What knows nothing of now cannot grow older; the script still asks for the next copy.
      data-as-of={isKnown ? page.updated_at : ""}
      data-old-title={WORDS.oldTitle}
      data-old-heading={WORDS.live.allUnknown}
      data-old-line={WORDS.oldLine}
      data-last-known={WORDS.lastKnown}
    >
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content={metaPolicy(false)} />
        <noscript>
          <meta http-equiv="refresh" content={String(REFRESH_S)} />
        </noscript>
        <title>{`${headline} · ${page.name} status`}</title>
        <link rel="icon" href={faviconOf(state)} />
        <style>{PAGE_STYLE}</style>
      </head>
      <body>
        <StateShapes />
        <header>
          <h1>
            <a href={`${origin}/status`} dir="auto">{`${page.name} status`}</a>
          </h1>
        </header>
        <main>
          <section class={`verdict ${state}`} aria-label="Now">
            <StateIcon state={state} />
            <div>
              <h2 dir="auto">{headline}</h2>
              {isKnown
                ? <p>As of {asOf}.</p>
                : <p>{`${unknownBecause} Last known state, ${asOf}: ${status.x_sentence}`}</p>}
            </div>
          </section>
          {announcements.map((one) => <Announced key={one.id} announcement={one} />)}
          {[...incidents, ...maintenances].map((one) => <Story key={one.id} story={one} />)}
          <section aria-labelledby="parts">
            <h2 id="parts">Parts</h2>
            <ul class="parts">
              {components.filter(({ group }) => !group).map((one) => (
                <Part key={one.id} component={one} isKnown={isKnown} />
              ))}
            </ul>
          </section>
        </main>
        <footer>
          A copy of <a href={`${origin}/status`}>{`${origin}/status`}</a>, made at {asOf}.
        </footer>
        <script>{PAGE_SCRIPT}</script>
      </body>
    </html>
  );
}

function Part(
  { component: { name, description, x_status: state }, isKnown }: {
    readonly component: CopiedComponent;
    readonly isKnown: boolean;
  },
): JSX.Element {
  const shown = isKnown ? state : "unknown";
  const word = STATE_WORDS[state];
  return (
    <li class={`part ${shown}`}>
      <div class="part-head">
        <strong dir="auto">{name}</strong>
        <span class="state">
          <StateIcon state={shown} /> {isKnown ? word : `${WORDS.lastKnown}: ${word}`}
        </span>
      </div>
      {description !== null && <p dir="auto">{description}</p>}
    </li>
  );
}

/** With its times, since readers may see a copy that is old. */
function Announced(
  { announcement: { level, body, created_at: at, expires_at: end } }: {
    readonly announcement: CopiedAnnouncement;
  },
): JSX.Element {
  return (
    <div class={`notice ${LEVEL_TONES[level]}`} role="note">
      <PublicMarkdown source={{ text: body }} />
      <p>{end === null ? timeText(at) : `${timeText(at)} – ${timeText(end)}`}</p>
    </div>
  );
}

function Story({ story: { name, incident_updates: updates } }: { readonly story: CopiedStory }): JSX.Element {
  return (
    <article class="story unknown">
      <h3 dir="auto">{name}</h3>
      <dl>
        {updates.map(({ id, status, body, display_at: at }) => [
          <dt key={`${id} when`}>
            {status.replaceAll("_", " ")}
            <time dateTime={at}>{timeText(at)}</time>
          </dt>,
          <dd key={id}>
            <PublicMarkdown source={{ text: body }} />
          </dd>,
        ])}
      </dl>
    </article>
  );
}
