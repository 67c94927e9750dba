import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { ParticipantId } from "../../shared/ids.ts";
import type { TileLayout } from "./call_tiles.ts";

/** How the user wants to see a call. It lasts as long as the call. */
export class StageModel {
  readonly #layout = signal<TileLayout>("grid");
  readonly #pinned = signal<string | null>(null);
  readonly #closed = signal<ReadonlySet<ParticipantId>>(new Set());
  readonly #isChatShown = signal(false);
  readonly #isForwardingKnown = signal(false);

  readonly layout: ReadonlySignal<TileLayout> = this.#layout;
  /** The key of the tile that was made big. */
  readonly pinned: ReadonlySignal<string | null> = this.#pinned;
  /** Those whose screens were closed. */
  readonly closed: ReadonlySignal<ReadonlySet<ParticipantId>> = this.#closed;
  /** Whether the messages of the room are shown beside the call, or in its place where there is no space. */
  readonly isChatShown: ReadonlySignal<boolean> = this.#isChatShown;

  /** Whether the user has read that a media server forwards the call. */
  readonly isForwardingKnown: ReadonlySignal<boolean> = this.#isForwardingKnown;

  /** Shows all alike, or whoever speaks big. */
  setLayout(layout: TileLayout): void {
    this.#layout.value = layout;
    this.#pinned.value = null;
  }

  /** Makes a tile big, or small again. */
  togglePin(key: string): void {
    this.#pinned.value = this.#pinned.peek() === key ? null : key;
  }

  /** Shows faces instead of a screen, or the screen again. */
  setClosed(participantId: ParticipantId, isClosed: boolean): void {
    const closed = new Set(this.#closed.peek());
    if (isClosed) closed.add(participantId);
    else closed.delete(participantId);
    this.#closed.value = closed;
    this.#pinned.value = null;
  }

  /** The screens that are still shared; one that is shared anew is shown again. */
  keepClosed(sharing: ReadonlySet<ParticipantId>): void {
    const kept = [...this.#closed.peek()].filter((one) => sharing.has(one));
    if (kept.length < this.#closed.peek().size) this.#closed.value = new Set(kept);
  }

  /** Shows or hides the messages. */
  toggleChat(): void {
    this.#isChatShown.value = !this.#isChatShown.peek();
  }

  /** The user has read that a media server forwards the call. */
  readForwarding(): void {
    this.#isForwardingKnown.value = true;
  }

  /** Another call begins as if there had been none. */
  reset(): void {
    this.setLayout("grid");
    this.#closed.value = new Set();
    this.#isChatShown.value = false;
    this.#isForwardingKnown.value = false;
  }
}
