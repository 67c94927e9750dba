import type { JSX } from "preact";
import { isolated } from "../../../shared/format_characters.ts";
import { sentenceOf, verdictOf } from "../../../shared/status/sentence.ts";
import type { StatusComponent } from "../../../shared/status/status.ts";
import { timeWords } from "../../../shared/status/times.ts";
import { PageDocument } from "../page/PageDocument.tsx";
import { pageWords } from "../page/page_words.ts";
import { PartHead } from "../page/Parts.tsx";
import { IncidentTimeline, MaintenanceTimeline, Notice } from "../page/Timelines.tsx";
import { Time } from "../page/Time.tsx";
import { Verdict } from "../page/Verdict.tsx";
import type { CopiedAnswers } from "./copied_answers.ts";
import { copiedStatus } from "./copied_status.ts";

const WORDS = pageWords("en");
const { live: LIVE } = WORDS;

/** A page that is a file, and is served by somebody else. */
export interface CopyPageProps {
  readonly answers: CopiedAnswers;
  /** Where the page itself is. */
  readonly origin: string;
  /** Why nothing is known of now; null for a copy that is up to date. */
  readonly unknownBecause: string | null;
  /** When the copy is made, in epoch ms. */
  readonly now: number;
}

/** Shows what was known when the copy was made; of now only if it is up to date. */
export function CopyPage({ answers, origin, unknownBecause, now }: CopyPageProps): JSX.Element {
  const status = copiedStatus(answers);
  const { page: { name, asOf }, components, incidents, maintenances, announcements } = status;
  const isKnown = unknownBecause === null;
  const state = isKnown ? status.state : "unknown";
  const verdict = verdictOf(components, incidents, LIVE);
  const headline = isKnown ? verdict.headline : LIVE.allUnknown;
  const time = timeWords(asOf, LIVE.locale, "UTC");
  const line = isKnown
    ? `${verdict.rest} As of ${time}.`.trim()
    : `${unknownBecause} Last known state, ${time}: ${sentenceOf(verdict)}`;
  // What has happened since then is not known either.
  const shownAt = isKnown ? now : Date.parse(asOf);
  const home = `${origin}/status`;
  const pageName = LIVE.pageName(isolated(name));
  return (
    <PageDocument
      name={pageName}
      homeUrl={home}
      title={`${headline} · ${pageName}`}
      state={state}
      words={WORDS}
      asOf={isKnown ? asOf : ""}
      hasScript={false}
      footer={
        <>
          A copy of <a href={home}>{home}</a>, made at <Time at={asOf} words={LIVE} />.
        </>
      }
    >
      <Verdict state={state} headline={headline} line={line} label={WORDS.now} />
      <div class="open">
        {announcements.map((one) => <Notice key={one.id} announcement={one} words={LIVE} />)}
        {incidents.map((one) => (
          <IncidentTimeline
            key={one.id}
            incident={one}
            words={LIVE}
            origin={origin}
            {...isKnown ? {} : { tone: "unknown" }}
          />
        ))}
        {maintenances.map((one) => (
          <MaintenanceTimeline key={one.id} maintenance={one} words={LIVE} origin={origin} now={shownAt} />
        ))}
      </div>
      <section aria-labelledby="parts">
        <h2 id="parts">{WORDS.parts}</h2>
        {components.length === 0 && <p class="quiet">{`${LIVE.nothingMeasured}.`}</p>}
        <ul class="parts">
          {components.map((one) => <Part key={one.id} component={one} isKnown={isKnown} />)}
        </ul>
      </section>
    </PageDocument>
  );
}

function Part(
  { component: { name, description, state }, isKnown }: {
    readonly component: StatusComponent;
    readonly isKnown: boolean;
  },
): JSX.Element {
  const shown = isKnown ? state : "unknown";
  const word = LIVE.states[state];
  return (
    <li class={`part ${shown}`}>
      <PartHead name={name} state={shown} word={isKnown ? word : `${WORDS.lastKnown}: ${word}`} />
      {description !== null && <p dir="auto">{description}</p>}
    </li>
  );
}
