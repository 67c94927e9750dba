import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";

/** A short text at the edge of the screen that disappears by itself. */
export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly kind: "plain" | "bad";
}

const SHOWN_MS = 6_000;
const SHOWN_MAX_COUNT = 3;

/** Short texts about what was done or has failed, where no view can show it. */
export class ToastModel {
  readonly #toasts = signal<readonly Toast[]>([]);
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>();
  #lastId = 0;

  /** The toasts on the screen, oldest first. */
  readonly toasts: ReadonlySignal<readonly Toast[]> = this.#toasts;

  /** Shows a toast for six seconds. */
  show(text: string, kind: Toast["kind"] = "plain"): void {
    const id = ++this.#lastId;
    const kept = this.#toasts.value.filter((toast) => toast.text !== text).slice(1 - SHOWN_MAX_COUNT);
    this.#toasts.value = [...kept, { id, text, kind }];
    this.#timers.set(id, setTimeout(() => this.dismiss(id), SHOWN_MS));
  }

  /** Removes a toast early. */
  dismiss(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.#toasts.value = this.#toasts.value.filter((toast) => toast.id !== id);
  }

  /** Removes all toasts and timers. */
  [Symbol.dispose](): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#toasts.value = [];
  }
}
