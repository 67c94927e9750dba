import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";

/** Opens the window; returns how to close it, or null if there is nothing to show. */
export type OpenPicture = (onClosed: () => void) => Promise<(() => void) | null>;

/** The call in a small window above all others. */
export class PictureInPicture implements Disposable {
  readonly #isOpen = signal(false);
  #close: (() => void) | null = null;
  /** Of the last attempt to open it; `close` makes it another one. */
  #attempt = 0;

  readonly isOpen: ReadonlySignal<boolean> = this.#isOpen;

  /** Whether this browser has any way to do it. */
  static get isThere(): boolean {
    return "documentPictureInPicture" in globalThis || document.pictureInPictureEnabled;
  }

  /** Opens the window, in the turn of a click; false if the browser refuses, or `close` is called meanwhile. */
  async open(openPicture: OpenPicture): Promise<boolean> {
    if (this.#close !== null) return true;
    const attempt = ++this.#attempt;
    let close: (() => void) | null = null;
    try {
      // The browser or the person may close it as well.
      close = await openPicture(() => close !== null && this.#close === close && this.close());
    } catch {
      return false;
    }
    if (attempt !== this.#attempt) {
      close?.();
      return false;
    }
    this.#close = close;
    this.#isOpen.value = close !== null;
    return close !== null;
  }

  /** Closes the window, if it is open or about to open. */
  close(): void {
    this.#attempt++;
    const close = this.#close;
    this.#close = null;
    this.#isOpen.value = false;
    close?.();
  }

  /** Closes the window. */
  [Symbol.dispose](): void {
    this.close();
  }
}
