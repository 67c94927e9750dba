import type { LiveWords } from "../../../shared/status/live_words.ts";
import type { Status } from "../../../shared/status/status.ts";
import { readPublicHtml, wordsOf } from "../public_html.ts";

/** Something new, what is said before its text, and whether that interrupts. */
type LiveItem = readonly [id: string, html: string, before: string, isAssertive: boolean];

/** Tells screen readers what is new, each thing once. What the page shows when it is opened they read there. */
export class LiveRegions {
  readonly #words: LiveWords;
  /** Polite and assertive: the page has them from the start, since some screen readers miss what comes with its text. */
  readonly #regions = document.querySelectorAll(".told");
  readonly #known = new Set<string>();
  #sentence = "";
  /** Whether the page has said that it does not know how things stand. */
  mustRepeat = false;

  constructor(words: LiveWords) {
    this.#words = words;
  }

  /** Says what was not said before. */
  update(status: Status): void {
    const { sentence } = status;
    const fresh = this.#itemsOf(status).filter(([id]) => !this.#known.has(id));
    for (const [id] of fresh) this.#known.add(id);
    const before = this.#sentence;
    this.#sentence = sentence;
    if (before === "") return;
    this.#regions.forEach((region, index) => {
      const texts = fresh.filter(([, , , isAssertive]) => isAssertive === (index > 0))
        .map(([, html, start]) => start + wordsOf(readPublicHtml(html)));
      const isSaid = index > 0 || sentence === before && !this.mustRepeat;
      const text = `${isSaid ? "" : sentence} ${texts.join(" ")}`.trim();
      if (text !== "") region.textContent = text;
    });
    this.mustRepeat = false;
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
