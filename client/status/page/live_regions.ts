import type { LiveWords } from "../../../shared/status/live_words.ts";
import type { Status } from "../../../shared/status/status.ts";
import { readPublicHtml, wordsOf } from "../public_html.ts";
import { element } from "./element.ts";

/** Something new, what is said before its text, and whether that interrupts. */
type LiveItem = readonly [id: string, html: string, before: string, isAssertive: boolean];

/** Tells screen readers what is new, each thing once. What the page shows when it is opened they read there. */
export class LiveRegions {
  readonly #words: LiveWords;
  readonly #polite = element("p", { class: "told", role: "status" });
  readonly #assertive = element("p", { class: "told", role: "alert" });
  readonly #known = new Set<string>();
  #sentence = "";

  constructor(words: LiveWords) {
    this.#words = words;
    document.body.append(this.#polite, this.#assertive);
  }

  /** Says what was not said before. */
  update(status: Status): void {
    const { sentence } = status;
    const fresh = this.#itemsOf(status).filter(([id]) => !this.#known.has(id));
    for (const [id] of fresh) this.#known.add(id);
    const before = this.#sentence;
    this.#sentence = sentence;
    if (before === "") return;
    const say = (region: HTMLElement, isAssertive: boolean, first: string) => {
      const texts = fresh.filter((news) => news[3] === isAssertive)
        .map(([, html, start]) => start + wordsOf(readPublicHtml(html)));
      const text = `${first} ${texts.join(" ")}`.trim();
      if (text !== "") region.textContent = text;
    };
    say(this.#polite, false, sentence === before ? "" : sentence);
    say(this.#assertive, true, "");
  }

  #itemsOf({ announcements, incidents, maintenances }: Status): LiveItem[] {
    const { incidentStates, maintenanceStates } = this.#words;
    const states: Readonly<Record<string, string>> = { ...incidentStates, ...maintenanceStates };
    return [
      ...announcements.map(({ id, level, html }): LiveItem => [id, html, "", level === "critical"]),
      ...[...incidents, ...maintenances].flatMap(({ title, updates }) =>
        updates.map(({ id, state, html }): LiveItem => [id, html, `${title}. ${states[state]}: `, false])
      ),
    ];
  }
}
