import { createHash } from "node:crypto";
import { h } from "preact";
import { renderToString } from "preact-render-to-string";
import { isOpenIncident } from "../../shared/status/states.ts";
import type { Language } from "../../shared/status/language.ts";
import { DAY_MS, dayOf } from "../../shared/status/uptime.ts";
import { HistoryPage } from "./page/HistoryPage.tsx";
import { MissingPage } from "./page/MissingPage.tsx";
import type { PageSetting } from "./page/PageFrame.tsx";
import { pageWords } from "./page/page_words.ts";
import { StatusPage } from "./page/StatusPage.tsx";
import { monthsBetween, timelineDays } from "./page/timeline_days.ts";
import { IncidentPage } from "./page/IncidentPage.tsx";
import type { Answer } from "./answer.ts";
import { AnswerTurns } from "./answer_turns.ts";
import { Badge } from "./Badge.tsx";
import { maintenanceCalendar } from "./feeds/maintenance_calendar.ts";
import { updateFeed } from "./feeds/update_feed.ts";
import type { FeedKind } from "./feeds/update_feed.ts";
import type { IncidentArchive, StatusItem } from "./incident_archive.ts";
import type { PublicFeed } from "./public_feed.ts";
import type { StatusBoard } from "./status_board.ts";
import { STATUSPAGE_ANSWERS } from "./statuspage_json.ts";
import type { StatuspageSource } from "./statuspage_json.ts";
import { statusMarkdown, statusText } from "./status_text.ts";

/** How often to look for changes that no event tells, however many ask. */
const LOOK_MS = 1_000;
/** How long an answer is good while nothing changes but the time; caches are told the same. */
const FRESH_MS = 10_000;
/** Old incidents are asked for one by one: beyond that, what was made first goes. */
const KEPT_MAX_COUNT = 1_000;
/** Incidents at the end of the page; the history has more. */
const PAST_SHOWN_COUNT = 5;
/** Plans for later are in the list of all, not in a month of their own. */
const AHEAD_MS = 90 * DAY_MS;
export interface StatusAnswersOptions {
  readonly board: StatusBoard;
  readonly publicFeed: PublicFeed;
  readonly archive: IncidentArchive;
  readonly publicUrl: () => string;
  /** The script that keeps pages up to date; null before the client is built. */
  readonly scriptPath: () => string | null;
  /** A copy on another machine. */
  readonly mirrorUrl: string | null;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
}

/**
 * Makes everything that visitors can ask for, from memory: each after an event or another change, of which it sees
 * one a second, and otherwise every ten seconds.
 */
export class StatusAnswers {
  /** Turns in which answers are made. */
  readonly turns = new AnswerTurns();
  readonly #options: StatusAnswersOptions;
  readonly #kept = new Map<string, Answer>();
  #lookedAt = -Infinity;
  #madeAt = -Infinity;
  #head = -1;
  #shown = "";
  #months: readonly string[] | null = null;

  constructor(options: StatusAnswersOptions) {
    this.#options = options;
  }

  /** Whether pages load a script besides their own. */
  get hasScript(): boolean {
    return this.#options.scriptPath() !== null;
  }

  /** An answer of the Statuspage format; null for a path that it does not have. */
  json(path: string): Answer | null {
    const make = Object.hasOwn(STATUSPAGE_ANSWERS, path) ? STATUSPAGE_ANSWERS[path] : undefined;
    if (make === undefined) return null;
    return this.#keep(
      `json ${path}`,
      "application/json; charset=utf-8",
      () => JSON.stringify(make(this.source())),
    );
  }

  /** Plain lines. */
  text(): Answer {
    const { board, publicUrl } = this.#options;
    return this.#keep("text", "text/plain; charset=utf-8", () => statusText(board.current(), publicUrl()));
  }

  /** Markdown. */
  markdown(): Answer {
    const { board, publicUrl } = this.#options;
    return this.#keep(
      "markdown",
      "text/markdown; charset=utf-8",
      () => statusMarkdown(board.current(), publicUrl()),
    );
  }

  /** The page. */
  page(language: Language): Answer {
    const { board, now } = this.#options;
    return this.#html(`page ${language}`, () => {
      const past = board.incidents().filter((one) => !isOpenIncident(one)).slice(0, PAST_SHOWN_COUNT);
      return renderToString(h(StatusPage, {
        ...this.#setting(language),
        status: board.current(),
        past,
        daysOf: (id) => board.days(id),
        firstMonth: this.#knownMonths().at(-1) ?? "",
        deliveredDay: board.figures.deliveredDay,
        checkedAt: board.checkedAt,
        lastKnownAt: board.lastKnownAt,
        now: now(),
      }));
    });
  }

  /** The page of one incident or maintenance, from storage if it is old; null if there is none. */
  async item(id: string, language: Language): Promise<Answer | null> {
    const { board, archive, now } = this.#options;
    const inMemory = (): StatusItem | undefined =>
      [...board.incidents(), ...board.maintenances()].find((one) => one.id === id);
    const item = inMemory() ?? await archive.item(id);
    if (item === null) return null;
    return await this.turns.run(() =>
      this.#html(`item ${language} ${id}`, () => {
        const setting = this.#setting(language);
        return renderToString(
          h(IncidentPage, { ...setting, status: board.current(), item: inMemory() ?? item, now: now() }),
        );
      })
    );
  }

  /** The page that says that there is none. */
  missing(language: Language): Answer {
    const { board } = this.#options;
    // Nothing on it changes, so it follows no events.
    const setting = { ...this.#setting(language), scriptPath: null };
    return this.#html(
      `missing ${language}`,
      () => renderToString(h(MissingPage, { ...setting, status: board.current() })),
    );
  }

  /**
   * What happened in one month or last, and the days in figures; null for a month of which nothing is known. While
   * storage cannot be read, only what memory holds is in it.
   */
  async history(month: string | null, language: Language): Promise<Answer | null> {
    const { board, archive, now } = this.#options;
    this.#forgetOld();
    const months = this.#knownMonths();
    if (month !== null && !months.includes(month)) return null;
    const archived = month === null ? [] : await archive.month(month);
    const isPartial = archived === null;
    const name = `history ${language} ${month ?? ""}${isPartial ? " partial" : ""}`;
    return await this.turns.run(() =>
      this.#html(name, () => {
        const at = now();
        const incidents = board.incidents();
        const maintenances = board.maintenances();
        return renderToString(h(HistoryPage, {
          ...this.#setting(language),
          status: board.current(),
          month,
          months,
          incidents,
          maintenances,
          timelineDays: month === null
            ? []
            : timelineDays(month, { incidents, maintenances, archived: archived ?? [], now: at }),
          isPartial,
          daysOf: (id) => board.days(id),
          now: at,
        }));
      }, isPartial)
    );
  }

  /** Updates for feed readers, of all components or of one; null for a component that is not shown. */
  feed(kind: FeedKind, componentId: string | null): Answer | null {
    const component = this.#options.board.components().find(({ id }) => id === componentId) ?? null;
    if (componentId !== null && component === null) return null;
    return this.#keep(
      `feed ${kind} ${componentId ?? ""}`,
      `application/${kind}+xml; charset=utf-8`,
      () => updateFeed(this.source(), { kind, component }),
    );
  }

  /** Planned maintenance for calendars. */
  calendar(): Answer {
    const { board, publicUrl } = this.#options;
    return this.#keep("calendar", "text/calendar; charset=utf-8", () =>
      maintenanceCalendar({
        name: board.name,
        url: publicUrl(),
        components: board.components(),
        maintenances: board.maintenances(),
      }));
  }

  /** The picture of the page's state or of one component's; null for a component that is not shown. */
  badge(componentId: string | null): Answer | null {
    const { components, state } = this.#options.board.current();
    const component = components.find(({ id }) => id === componentId);
    if (componentId !== null && component === undefined) return null;
    const shown = component ?? { name: "status", state };
    return this.#keep(
      `badge ${componentId ?? ""}`,
      "image/svg+xml; charset=utf-8",
      () => renderToString(h(Badge, { name: shown.name, state: shown.state })),
    );
  }

  /** What answers are made of, as of now. */
  source(): StatuspageSource {
    const { board, publicUrl } = this.#options;
    return {
      status: board.current(),
      incidents: board.incidents(),
      maintenances: board.maintenances(),
      url: publicUrl(),
      changedAt: (id) => board.changedAt(id),
      startDate: (id) => board.days(id).find(({ times }) => Object.keys(times).length > 0)?.day ?? null,
    };
  }

  #knownMonths(): readonly string[] {
    return this.#months ??= this.#readMonths();
  }

  #readMonths(): readonly string[] {
    const { board, archive: { oldestAt }, now } = this.#options;
    const at = now();
    const firstDays = board.components().map(({ id }) =>
      board.days(id).find(({ times }) => Object.keys(times).length > 0)?.day ?? dayOf(at)
    );
    const starts = [
      ...(oldestAt === null ? [] : [oldestAt]),
      ...board.incidents().map(({ startedAt }) => startedAt),
      ...board.maintenances().map(({ startsAt }) => startsAt).filter((start) => start < dayOf(at + AHEAD_MS)),
      ...firstDays,
      dayOf(at),
    ].sort();
    return monthsBetween(starts[0] ?? "", starts.at(-1) ?? "");
  }

  #setting(language: Language): PageSetting {
    const { publicUrl, scriptPath, mirrorUrl } = this.#options;
    return { words: pageWords(language), url: publicUrl(), scriptPath: scriptPath(), mirrorUrl };
  }

  #html(name: string, draw: () => string, isPartial = false): Answer {
    const make = () => `<!doctype html>${draw()}`;
    return this.#keep(name, "text/html; charset=utf-8", make, isPartial);
  }

  /** Keeps what `make` gives for a moment; `name` stands for it. */
  #keep(name: string, type: string, make: () => string, isPartial = false): Answer {
    this.#forgetOld();
    let answer = this.#kept.get(name);
    if (answer === undefined) {
      const body = new TextEncoder().encode(make());
      // By the body itself: whatever it is made of, nobody keeps another one for it.
      answer = { body, type, compressed: null, etag: `W/"${hashOf(body)}"`, isPartial };
      this.#kept.set(name, answer);
      const [oldest] = this.#kept.keys();
      if (this.#kept.size > KEPT_MAX_COUNT && oldest !== undefined) this.#kept.delete(oldest);
    }
    return answer;
  }

  #forgetOld(): void {
    const { board, publicFeed, now } = this.#options;
    const at = now();
    if (Math.abs(at - this.#lookedAt) < LOOK_MS && this.#head === publicFeed.head) return;
    this.#lookedAt = at;
    this.#head = publicFeed.head;
    const { components, announcements, metrics, page } = board.current();
    const states = components.map((component) => [component.name, component.state, component.uptime90]);
    const inForce = announcements.map(({ id }) => id);
    const shown = JSON.stringify([publicFeed.head, page.name, states, metrics, inForce]);
    if (shown === this.#shown && Math.abs(at - this.#madeAt) < FRESH_MS) return;
    this.#shown = shown;
    this.#madeAt = at;
    this.#kept.clear();
    this.#months = null;
  }
}

function hashOf(body: Uint8Array): string {
  return createHash("sha256").update(body).digest("base64url").slice(0, 22);
}
