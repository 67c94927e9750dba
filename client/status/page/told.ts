import type { LiveWords } from "../../../shared/status/live_words.ts";
import type { Status } from "../../../shared/status/status.ts";
import { readPublicHtml, wordsOf } from "../public_html.ts";
import { element } from "./element.ts";

/** Something new, what is said before its text, and whether that interrupts. */
type News = readonly [id: string, html: string, before: string, isUrgent: boolean];

/** Tells screen readers what is new, each thing once. What the page shows when it is opened they read there. */
export class Told {
  readonly #words: LiveWords;
  readonly #polite = element("p", { class: "told", role: "status" });
  readonly #urgent = element("p", { class: "told", role: "alert" });
  readonly #known = new Set<string>();
  #sentence = "";

  constructor(words: LiveWords) {
    this.#words = words;
    document.body.append(this.#polite, this.#urgent);
  }

  /** Compares with what was told before. */
  tell(status: Status): void {
    const { sentence } = status;
    const fresh = this.#newsOf(status).filter(([id]) => !this.#known.has(id));
    for (const [id] of fresh) this.#known.add(id);
    const before = this.#sentence;
    this.#sentence = sentence;
    if (before === "") return;
    const say = (region: HTMLElement, isUrgent: boolean, first: string) => {
      const texts = fresh.filter((news) => news[3] === isUrgent)
        .map(([, html, start]) => start + wordsOf(readPublicHtml(html)));
      const text = `${first} ${texts.join(" ")}`.trim();
      if (text !== "") region.textContent = text;
    };
    say(this.#polite, false, sentence === before ? "" : sentence);
    say(this.#urgent, true, "");
  }

  #newsOf({ announcements, incidents, maintenances }: Status): News[] {
    const { incidentStates, maintenanceStates } = this.#words;
    const states: Readonly<Record<string, string>> = { ...incidentStates, ...maintenanceStates };
    return [
      ...announcements.map(({ id, level, html }): News => [id, html, "", level === "critical"]),
      ...[...incidents, ...maintenances].flatMap(({ title, updates }) =>
        updates.map(({ id, state, html }): News => [id, html, `${title}. ${states[state]}: `, false])
      ),
    ];
  }
}
