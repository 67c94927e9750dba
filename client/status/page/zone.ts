import type { LiveWords } from "../../../shared/status/live_words.ts";
import { timeWords } from "../../../shared/status/times.ts";
import { element } from "./element.ts";

const STORAGE_KEY = "status-zone";
const UTC = "UTC";

/** The zone in which times are shown: that of the visitor, or UTC. */
export class Zone {
  readonly #words: LiveWords;
  readonly #local: string;
  #isLocal = read() !== UTC;

  constructor(words: LiveWords) {
    this.#words = words;
    const parts = new Intl.DateTimeFormat(words.locale, { timeZoneName: "short" }).formatToParts();
    this.#local = parts.find(({ type }) => type === "timeZoneName")?.value ?? UTC;
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
    write(this.#isLocal ? "" : UTC);
    this.show();
    document.querySelector<HTMLElement>(".zone button")?.focus();
  }

  #write(time: HTMLElement): HTMLElement {
    const at = time.getAttribute("datetime") ?? "";
    const utc = timeWords(at, this.#words.locale, UTC);
    time.textContent = this.#isLocal ? timeWords(at, this.#words.locale) : utc;
    time.title = utc;
    return time;
  }
}

/** Storage can be forbidden. */
function read(): string | null {
  try {
    return localStorage.getItem(STORAGE_KEY);
  } catch {
    return null;
  }
}

function write(zone: string): void {
  try {
    localStorage.setItem(STORAGE_KEY, zone);
  } catch {
    // The choice holds until the page is closed.
  }
}
