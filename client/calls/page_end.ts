/** Options of `PageEnd`. */
export interface PageEndOptions {
  readonly isInCall: () => boolean;
  /** The page ends in a call; false if it may be a reload, after which the tab can return. */
  readonly onEnd: (isForGood: boolean) => void;
}

/** Whether a page that ends will be replaced by itself. */
type NextPage = "same" | "other" | "none";

/** Asks before a tab in a call is closed, and tells whether one that ends comes back. */
export class PageEnd implements Disposable {
  readonly #page: Window;
  readonly #abort = new AbortController();
  #warning: AbortController | null = null;
  #next: NextPage = "none";

  constructor(page: Window, { isInCall, onEnd }: PageEndOptions) {
    this.#page = page;
    const { signal } = this.#abort;
    page.addEventListener("pageswap", (event) => {
      const type = (event as PageSwapEvent).activation?.navigationType;
      this.#next = type === "reload" ? "same" : "other";
    }, { signal });
    page.addEventListener("pagehide", () => {
      if (isInCall()) onEnd(this.#next !== "same");
    }, { signal });
  }

  /** Asks from now on, or not any more. Browsers keep pages that ask out of some caches. */
  warn(isInCall: boolean): void {
    if (isInCall === (this.#warning !== null)) return;
    this.#warning?.abort();
    this.#warning = isInCall ? new AbortController() : null;
    if (this.#warning === null) return;
    this.#page.addEventListener("beforeunload", (event) => event.preventDefault(), {
      signal: this.#warning.signal,
    });
  }

  [Symbol.dispose](): void {
    this.warn(false);
    this.#abort.abort();
  }
}
