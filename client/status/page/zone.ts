import type { LiveWords } from "../../../shared/status/live_words.ts";
import { timeFormat } from "../../../shared/status/times.ts";
import { element } from "./element.ts";

const STORAGE_KEY = "status-zone";
const UTC = "UTC";

/** The zone in which times are shown: that of the visitor, or UTC. */
export class Zone {
  readonly #words: LiveWords;
  readonly #utcFormat: Intl.DateTimeFormat;
  readonly #localFormat: Intl.DateTimeFormat;
  /** Name of the visitor's zone. */
  readonly #local: string;
  #isLocal = storage()?.getItem(STORAGE_KEY) !== UTC;

  constructor(words: LiveWords) {
    this.#words = words;
    this.#utcFormat = timeFormat(words.locale, UTC);
    this.#localFormat = timeFormat(words.locale);
    this.#local = this.#localFormat.formatToParts().find(({ type }) => type === "timeZoneName")?.value ?? UTC;
  }

  /** Makes a moment as the server does. */
  time(at: string): HTMLElement {
    return this.#write(element("time", { datetime: at }));
  }

  /** Shows all times of the page, and the switch. */
  show(): void {
    for (const time of document.querySelectorAll("time")) this.#write(time);
    const { timesIn, showTimesIn } = this.#words;
    const place = document.querySelector(".zone");
    if (place === null || this.#local === UTC) return;
    const button = element("button", { type: "button" }, showTimesIn(this.#isLocal ? UTC : this.#local));
    button.addEventListener("click", () => this.#switch());
    place.replaceChildren(timesIn(this.#isLocal ? this.#local : UTC), " ", button);
  }

  #switch(): void {
    this.#isLocal = !this.#isLocal;
    this.show();
    document.querySelector<HTMLElement>(".zone button")?.focus();
    storage()?.setItem(STORAGE_KEY, this.#isLocal ? "" : UTC);
  }

  #write(time: HTMLElement): HTMLElement {
    const at = time.getAttribute("datetime") ?? "";
    time.title = this.#utcFormat.format(new Date(at));
    time.textContent = this.#isLocal ? this.#localFormat.format(new Date(at)) : time.title;
    return time;
  }
}

/** Where it is forbidden, the choice holds until the page is closed. */
function storage(): Storage | null {
  try {
    return self.localStorage;
  } catch {
    // It is forbidden.
  }
  return null;
}
