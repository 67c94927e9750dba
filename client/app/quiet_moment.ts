import type { SignedIn } from "./app_context.ts";

/** Somebody who reads may be at rest for long; after this time without input nobody does. */
const READING_MS = 300_000;
/** A tab that was hidden by mistake is back by then. */
const HIDDEN_MS = 5_000;
/** Somebody further up reads what came earlier. */
const AT_END_PX = 100;
const INPUT_EVENTS = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"] as const;

/** Follows when a page can be reloaded: nobody looks at it, writes in it or calls, and nothing would be lost. */
export class QuietMoment implements Disposable {
  readonly #signedIn: Pick<SignedIn, "app" | "chat">;
  readonly #view: Window;
  readonly #abort = new AbortController();
  #touchedAt = Date.now();
  #hiddenAt: number | null = null;

  constructor(signedIn: Pick<SignedIn, "app" | "chat">, view: Window) {
    this.#signedIn = signedIn;
    this.#view = view;
    const { signal } = this.#abort;
    const how = { signal, capture: true, passive: true };
    for (const type of INPUT_EVENTS) view.addEventListener(type, () => this.#touchedAt = Date.now(), how);
    const follow = () => {
      this.#hiddenAt = view.document.visibilityState === "hidden" ? Date.now() : null;
    };
    view.document.addEventListener("visibilitychange", follow, { signal });
    follow();
  }

  isNow(): boolean {
    const now = Date.now();
    const isAway = this.#hiddenAt !== null && now - this.#hiddenAt >= HIDDEN_MS;
    if (!isAway && now - this.#touchedAt < READING_MS) return false;
    const { app, chat } = this.#signedIn;
    if (app.callPlace.peek() !== null || app.callTitle.peek() !== null) return false;
    return chat.messages.waitingCount.peek() === 0 && !this.#isWriting() && this.#isAtEnd() &&
      this.#mayLeave();
  }

  [Symbol.dispose](): void {
    this.#abort.abort();
  }

  /** Drafts are kept, but not the place in them, nor what was written in dialogs. */
  #isWriting(): boolean {
    const { document } = this.#view;
    if (document.querySelector("dialog[open]") !== null) return true;
    const fields = document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>("input, textarea");
    return [...fields].some(({ value, type }) => value !== "" && type !== "checkbox" && type !== "radio");
  }

  #isAtEnd(): boolean {
    const log = this.#view.document.querySelector(".log");
    return log === null || log.scrollHeight - log.scrollTop - log.clientHeight < AT_END_PX;
  }

  /** Asks those parts that would ask the user, as calls and transfers do. */
  #mayLeave(): boolean {
    return this.#view.dispatchEvent(new Event("beforeunload", { cancelable: true }));
  }
}
