import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";

/** A window that stays above all others, of Chromium and Firefox; TypeScript does not know it yet. */
interface DocumentPictureInPicture {
  requestWindow(options: { readonly width: number; readonly height: number }): Promise<Window>;
}

/** Options of `PictureInPicture.open`. */
export interface PictureOptions {
  readonly width: number;
  readonly height: number;
  /** Fills a window of its own; returns how to free what is in it. */
  readonly render: (place: HTMLElement) => () => void;
  /** The video to show where there are no such windows. */
  readonly video: () => HTMLVideoElement | null;
}

/** The call in a small window above all others. */
export class PictureInPicture implements Disposable {
  readonly #isOpen = signal(false);
  #close: (() => void) | null = null;
  /** Of the last attempt to open it; `close` makes it another one. */
  #attempt = 0;

  readonly isOpen: ReadonlySignal<boolean> = this.#isOpen;

  /** Whether this browser has any way to do it. */
  static get isThere(): boolean {
    return findWindows() !== null || document.pictureInPictureEnabled;
  }

  /** Opens the window, in the turn of a click; false if the browser refuses, or `close` is called meanwhile. */
  async open(options: PictureOptions): Promise<boolean> {
    if (this.#close !== null) return true;
    const attempt = ++this.#attempt;
    let close: (() => void) | null;
    try {
      const windows = findWindows();
      close = windows === null ? await this.#openVideo(options) : await this.#openWindow(windows, options);
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

  async #openWindow(windows: DocumentPictureInPicture, options: PictureOptions): Promise<() => void> {
    const { width, height, render } = options;
    const view = await windows.requestWindow({ width, height });
    const { documentElement, head, body, title } = view.document;
    for (const { name, value } of document.documentElement.attributes) {
      documentElement.setAttribute(name, value);
    }
    for (const sheet of document.querySelectorAll("link[rel=stylesheet]")) head.append(sheet.cloneNode());
    if (title === "") view.document.title = document.title;
    const free = render(body);
    const close = () => {
      free();
      view.close();
    };
    view.addEventListener("pagehide", () => this.#closed(close), { once: true });
    return close;
  }

  async #openVideo({ video }: PictureOptions): Promise<(() => void) | null> {
    const element = video();
    if (element === null || !document.pictureInPictureEnabled) return null;
    await element.requestPictureInPicture();
    const left = () => this.#closed(close);
    element.addEventListener("leavepictureinpicture", left, { once: true });
    const close = () => {
      element.removeEventListener("leavepictureinpicture", left);
      if (document.pictureInPictureElement === element) document.exitPictureInPicture().catch(() => {});
    };
    return close;
  }

  /** The browser or the person closed it. */
  #closed(close: () => void): void {
    if (this.#close === close) this.close();
  }
}

function findWindows(): DocumentPictureInPicture | null {
  const view = globalThis as { readonly documentPictureInPicture?: DocumentPictureInPicture };
  return view.documentPictureInPicture ?? null;
}
