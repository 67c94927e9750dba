/** Options of `PageEnd`. */
export interface PageEndOptions {
  readonly isInCall: () => boolean;
  /** The page ends in a call; `mayReturn` is false if the tab does not come back. */
  readonly onEnd: (mayReturn: boolean) => void;
}

/** Asks before a tab in a call is closed, and tells when one has ended for good. */
export class PageEnd implements Disposable {
  readonly #page: Window;
  readonly #abort = new AbortController();
  #warning: AbortController | null = null;
  /**
   * Whether this page follows itself, as in a reload. Browsers tell only that another page follows: a page that is
   * closed gets no `pageswap`. Where they do not tell it, the place in the call is kept until its lease ends.
   */
  #isFollowed: boolean;

  constructor(page: Window, { isInCall, onEnd }: PageEndOptions) {
    this.#page = page;
    this.#isFollowed = !("onpageswap" in page);
    const { signal } = this.#abort;
    page.addEventListener("pageswap", (event) => {
      const { activation } = event as PageSwapEvent;
      const isSame = activation?.entry?.url === page.location.href;
      this.#isFollowed = isSame && activation?.navigationType !== "push";
    }, { signal });
    page.addEventListener("pagehide", () => {
      if (isInCall()) onEnd(this.#isFollowed);
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
