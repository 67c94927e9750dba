import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { CallId } from "../../shared/ids.ts";

type TabMessage =
  /** Whoever is in a call answers. */
  | { readonly type: "ask" }
  /** A tab is in this call from now on; null if it has left. */
  | { readonly type: "in"; readonly callId: CallId | null };

/** Tells the other tabs of this browser in which call a tab is. */
export class CallTabs implements Disposable {
  readonly #channel: BroadcastChannel;
  readonly #elsewhere = signal<CallId | null>(null);
  #own: CallId | null = null;

  /** The call in which another tab is. */
  readonly elsewhere: ReadonlySignal<CallId | null> = this.#elsewhere;

  /** `name` differs from person to person, since they may take turns in one browser. */
  constructor(name: string) {
    this.#channel = new BroadcastChannel(`parley-calls-${name}`);
    this.#channel.addEventListener("message", ({ data }: MessageEvent<TabMessage>) => {
      if (data.type === "in") this.#elsewhere.value = data.callId;
      else if (this.#own !== null) this.#send({ type: "in", callId: this.#own });
    });
    this.#send({ type: "ask" });
  }

  /** This tab is in a call, or in none. */
  tell(callId: CallId | null): void {
    if (callId === this.#own) return;
    this.#own = callId;
    this.#send({ type: "in", callId });
  }

  /** Stops listening. */
  [Symbol.dispose](): void {
    this.tell(null);
    this.#channel.close();
  }

  #send(message: TabMessage): void {
    this.#channel.postMessage(message);
  }
}
