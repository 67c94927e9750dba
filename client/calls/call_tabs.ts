import { computed, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { newId } from "../../shared/ids.ts";
import type { CallId } from "../../shared/ids.ts";

type TabMessage =
  /** Whoever is in a call answers. */
  | { readonly type: "ask" }
  /** A tab is in this call from now on; null if it has left. */
  | { readonly type: "in"; readonly tab: string; readonly callId: CallId | null };

/** Tells the other tabs of this browser in which call a tab is. */
export class CallTabs implements Disposable {
  readonly #tab: string = newId();
  readonly #name: string;
  /** Pages of insecure origins have none. */
  readonly #locks: LockManager | undefined = globalThis.navigator.locks as LockManager | undefined;
  readonly #channel: BroadcastChannel;
  readonly #others = signal<ReadonlyMap<string, CallId>>(new Map());
  readonly #end = new AbortController();
  readonly #watched = new Set<string>();
  #own: CallId | null = null;

  /** The call in which another tab is: the one that has told of it last. */
  readonly elsewhere: ReadonlySignal<CallId | null> = computed(() =>
    [...this.#others.value.values()].at(-1) ?? null
  );

  /** `name` differs from person to person, since they may take turns in one browser. */
  constructor(name: string) {
    this.#name = `parley-calls-${name}`;
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.addEventListener("message", ({ data }: MessageEvent<TabMessage>) => {
      if (data.type === "in") this.#hear(data.tab, data.callId);
      else if (this.#own !== null) this.#tell();
    });
    this.#hold();
    this.#channel.postMessage({ type: "ask" } satisfies TabMessage);
  }

  /** This tab is in a call, or in none. */
  tell(callId: CallId | null): void {
    if (callId === this.#own) return;
    this.#own = callId;
    this.#tell();
  }

  /** Stops listening. */
  [Symbol.dispose](): void {
    this.tell(null);
    this.#end.abort();
    this.#channel.close();
  }

  #tell(): void {
    this.#channel.postMessage({ type: "in", tab: this.#tab, callId: this.#own } satisfies TabMessage);
  }

  #hear(tab: string, callId: CallId | null): void {
    const others = new Map(this.#others.peek());
    others.delete(tab);
    if (callId !== null) {
      others.set(tab, callId);
      this.#watch(tab);
    }
    this.#others.value = others;
  }

  /** Holds a lock for as long as this tab lives: a tab that crashes says nothing, but its lock is free. */
  #hold(): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#end.signal.addEventListener("abort", () => resolve());
    this.#locks?.request(this.#lockOf(this.#tab), () => promise).catch(() => {});
  }

  /** Forgets a tab as soon as it is gone. */
  #watch(tab: string): void {
    if (this.#locks === undefined || this.#watched.has(tab)) return;
    this.#watched.add(tab);
    const { signal } = this.#end;
    this.#locks.request(this.#lockOf(tab), { signal }, () => {
      this.#watched.delete(tab);
      this.#hear(tab, null);
    }).catch(() => {
      // This tab ends first.
    });
  }

  #lockOf(tab: string): string {
    return `${this.#name}-${tab}`;
  }
}
