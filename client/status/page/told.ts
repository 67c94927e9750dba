import type { LiveWords } from "../../../shared/status/live_words.ts";
import type { Status } from "../../../shared/status/status.ts";
import { readPublicHtml, wordsOf } from "../public_html.ts";
import { element } from "./element.ts";

/** Tells screen readers what is new, each thing once. What the page shows when it is opened they read there. */
export class Told {
  readonly #words: LiveWords;
  readonly #polite = element("p", { class: "told", role: "status" });
  readonly #urgent = element("p", { class: "told", role: "alert" });
  #known: Set<string> | null = null;
  #sentence = "";

  constructor(words: LiveWords) {
    this.#words = words;
    document.body.append(this.#polite, this.#urgent);
  }

  /** Compares with what was told before. */
  tell(status: Status): void {
    const { sentence, announcements } = status;
    const news = [
      ...announcements.map(({ id, level, html }) => ({
        id,
        text: wordsOf(readPublicHtml(html)),
        isUrgent: level === "critical",
      })),
      ...this.#updates(status),
    ].filter(({ id }) => this.#known?.has(id) === false);
    const polite = news.filter(({ isUrgent }) => !isUrgent).map(({ text }) => text);
    if (this.#known !== null && sentence !== this.#sentence) polite.unshift(sentence);
    const urgent = news.filter(({ isUrgent }) => isUrgent).map(({ text }) => text);
    if (polite.length > 0) this.#polite.textContent = polite.join(" ");
    if (urgent.length > 0) this.#urgent.textContent = urgent.join(" ");
    this.#sentence = sentence;
    this.#known ??= new Set();
    for (const { id } of [...announcements, ...this.#updates(status)]) this.#known.add(id);
  }

  #updates({ incidents, maintenances }: Status): { id: string; text: string; isUrgent: boolean }[] {
    const { incidentStates, maintenanceStates } = this.#words;
    const told = (id: string, word: string, title: string, html: string) => (
      { id, text: `${title}. ${word}: ${wordsOf(readPublicHtml(html))}`, isUrgent: false }
    );
    return [
      ...incidents.flatMap(({ title, updates }) =>
        updates.map(({ id, state, html }) => told(id, incidentStates[state], title, html))
      ),
      ...maintenances.flatMap(({ title, updates }) =>
        updates.map(({ id, state, html }) => told(id, maintenanceStates[state], title, html))
      ),
    ];
  }
}
