import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";

/** A short note at the edge of the screen that goes away by itself. */
export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly kind: "plain" | "bad";
}

const SHOWN_MS = 6_000;
const SHOWN_MAX_COUNT = 3;

/** Short notes about what was done or did not work, where no view stands beside the cause. */
export class ToastModel {
  readonly #toasts = signal<readonly Toast[]>([]);
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>();
  #lastId = 0;

  /** What is on the screen now, oldest first. */
  readonly toasts: ReadonlySignal<readonly Toast[]> = this.#toasts;

  /** Shows a note for six seconds. */
  show(text: string, kind: Toast["kind"] = "plain"): void {
    const id = ++this.#lastId;
    const kept = this.#toasts.value.filter((toast) => toast.text !== text).slice(1 - SHOWN_MAX_COUNT);
    this.#toasts.value = [...kept, { id, text, kind }];
    this.#timers.set(id, setTimeout(() => this.dismiss(id), SHOWN_MS));
  }

  /** Takes a note away before its time. */
  dismiss(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.#toasts.value = this.#toasts.value.filter((toast) => toast.id !== id);
  }

  /** Takes everything away, timers included. */
  [Symbol.dispose](): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#toasts.value = [];
  }
}
