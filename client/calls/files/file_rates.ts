import { isMoving } from "./file_card.ts";
import type { FileCard } from "./file_card.ts";

/** Rates are those of the last seconds. */
const WINDOW_MS = 4_000;
const WARM_UP_MS = 900;

interface Sample {
  readonly atMs: number;
  readonly bytes: number;
}

/** How fast files move. */
export class FileRates {
  readonly #samples = new Map<string, readonly Sample[]>();

  /** Notes how far files have come, and returns their cards with their rates. */
  follow(cards: readonly FileCard[], nowMs: number): FileCard[] {
    const moving = cards.filter(isMoving);
    for (const key of this.#samples.keys()) {
      if (!moving.some((card) => card.key === key)) this.#samples.delete(key);
    }
    return cards.map((card) =>
      isMoving(card) ? { ...card, bytesPerSecond: this.#note(card.key, card.doneBytes, nowMs) } : card
    );
  }

  /** Returns bytes a second; null until that is known. */
  #note(key: string, bytes: number, nowMs: number): number | null {
    const before = this.#samples.get(key) ?? [];
    // After an interruption it begins again.
    const isBack = (before.at(-1)?.bytes ?? 0) > bytes;
    const recent = isBack ? [] : before.filter(({ atMs }) => atMs >= nowMs - WINDOW_MS);
    const samples = [...recent, { atMs: nowMs, bytes }];
    this.#samples.set(key, samples);
    const [first] = samples;
    const elapsedMs = first === undefined ? 0 : nowMs - first.atMs;
    return first === undefined || elapsedMs < WARM_UP_MS ? null : (bytes - first.bytes) / elapsedMs * 1_000;
  }
}
