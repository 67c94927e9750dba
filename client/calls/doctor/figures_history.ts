import { effect, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { ParticipantId } from "../../../shared/ids.ts";
import type { LinkFigures, RemotePeer } from "../call_parts.ts";

/** What is drawn; figures come once a second. */
export const HISTORY_SECONDS = 60;

/** What a link has measured, the newest last. */
export type History = readonly LinkFigures[];

/** A peer whose link is measured. */
export type MeasuredPeer = Pick<RemotePeer, "figures">;

/** Keeps the last minute of the figures of each peer, as long as somebody looks at them. */
export class FiguresHistory implements Disposable {
  readonly #histories = signal<ReadonlyMap<ParticipantId, History>>(new Map());
  readonly #followed = new Map<ParticipantId, { readonly peer: MeasuredPeer; readonly stop: () => void }>();
  readonly #stop: () => void;

  readonly histories: ReadonlySignal<ReadonlyMap<ParticipantId, History>> = this.#histories;

  constructor(peers: ReadonlySignal<ReadonlyMap<ParticipantId, MeasuredPeer>>) {
    this.#stop = effect(() => this.#follow(peers.value));
  }

  /** Forgets everything. */
  [Symbol.dispose](): void {
    this.#stop();
    for (const { stop } of this.#followed.values()) stop();
    this.#followed.clear();
    this.#histories.value = new Map();
  }

  #follow(peers: ReadonlyMap<ParticipantId, MeasuredPeer>): void {
    for (const [id, { peer, stop }] of this.#followed) {
      if (peers.get(id) === peer) continue;
      stop();
      this.#followed.delete(id);
      const rest = new Map(this.#histories.peek());
      rest.delete(id);
      this.#histories.value = rest;
    }
    for (const [id, peer] of peers) {
      if (this.#followed.has(id)) continue;
      const stop = peer.figures.subscribe((figures) => {
        if (figures !== null) this.#append(id, figures);
      });
      this.#followed.set(id, { peer, stop });
    }
  }

  #append(id: ParticipantId, figures: LinkFigures): void {
    const before = this.#histories.peek().get(id) ?? [];
    const history = [...before, figures].slice(-HISTORY_SECONDS);
    this.#histories.value = new Map(this.#histories.peek()).set(id, history);
  }
}
