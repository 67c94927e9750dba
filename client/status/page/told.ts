import type { LiveWords } from "../../../shared/status/live_words.ts";
import type { Status } from "../../../shared/status/status.ts";
import { readPublicHtml, wordsOf } from "../public_html.ts";
import { element } from "./element.ts";

interface News {
  readonly id: string;
  readonly html: string;
  /** What is said before the text. */
  readonly before: string;
  readonly isUrgent: boolean;
}

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
    const { sentence } = status;
    const all = this.#newsOf(status);
    if (this.#known !== null) {
      const fresh = all.filter(({ id }) => this.#known?.has(id) === false);
      const textOf = (isUrgent: boolean) =>
        fresh.filter((one) => one.isUrgent === isUrgent).map(({ before, html }) =>
          before + wordsOf(readPublicHtml(html))
        );
      const polite = [...(sentence === this.#sentence ? [] : [sentence]), ...textOf(false)].join(" ");
      const urgent = textOf(true).join(" ");
      if (polite !== "") this.#polite.textContent = polite;
      if (urgent !== "") this.#urgent.textContent = urgent;
    }
    this.#sentence = sentence;
    this.#known = new Set([...this.#known ?? [], ...all.map(({ id }) => id)]);
  }

  #newsOf({ announcements, incidents, maintenances }: Status): News[] {
    const { incidentStates, maintenanceStates } = this.#words;
    const stories = [...incidents, ...maintenances];
    const states: Readonly<Record<string, string>> = { ...incidentStates, ...maintenanceStates };
    return [
      ...announcements.map(({ id, level, html }) => ({
        id,
        html,
        before: "",
        isUrgent: level === "critical",
      })),
      ...stories.flatMap(({ title, updates }) =>
        updates.map(({ id, state, html }) => ({
          id,
          html,
          before: `${title}. ${states[state]}: `,
          isUrgent: false,
        }))
      ),
    ];
  }
}
