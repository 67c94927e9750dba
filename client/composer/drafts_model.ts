import { signal } from "@preact/signals";
import type { ReadonlySignal, Signal } from "@preact/signals";
import type { UserId } from "../../shared/ids.ts";
import { DRAFT_DEBOUNCE_MS } from "../../shared/limits.ts";
import type { PageStorage } from "../app/page_storage.ts";
import type { DraftKey } from "./composer_scope.ts";

/** Calls `run` once after a delay; the returned function cancels it. */
export type Schedule = (run: () => void, delayMs: number) => () => void;

/** Options of `DraftsModel`. */
export interface DraftsOptions {
  /** Drafts belong to an account: another user of the same device does not see them. */
  readonly userId: UserId;
  readonly storage: PageStorage;
  readonly schedule?: Schedule;
}

/** A draft that was written in another tab. */
export interface ReceivedDraft {
  readonly key: DraftKey;
  readonly text: string;
}

/** The part of `window` that `listen` uses. */
export type DraftEvents = Pick<EventTarget, "addEventListener" | "removeEventListener">;

/** Texts that were not sent yet, stored on this device and shared between its tabs. */
export class DraftsModel {
  /** The last draft of another tab that a composer may show. */
  readonly received: Signal<ReceivedDraft | null> = signal(null);
  /** Keys of the drafts that are not blank. */
  readonly written: ReadonlySignal<ReadonlySet<DraftKey>>;
  readonly #written: Signal<ReadonlySet<DraftKey>> = signal(new Set());
  readonly #texts = new Map<DraftKey, string>();
  readonly #unsaved = new Set<DraftKey>();
  readonly #held = new Set<DraftKey>();
  readonly #storage: PageStorage;
  readonly #schedule: Schedule;
  readonly #prefix: string;
  #cancelTimer: (() => void) | null = null;

  /** Reads all drafts of the account. */
  constructor({ userId, storage, schedule = scheduleByTimer }: DraftsOptions) {
    this.#storage = storage;
    this.#schedule = schedule;
    this.#prefix = `parley.draft.${userId}.`;
    this.written = this.#written;
    for (const key of this.#storedKeys()) this.#texts.set(key, this.#read(key));
    this.#mark();
  }

  /** Whether there is a draft that is not blank, for the pencil in the room list. */
  hasDraft(key: DraftKey): boolean {
    return this.written.value.has(key);
  }

  /** Returns a draft, "" if there is none. */
  text(key: DraftKey): string {
    return this.#texts.get(key) ?? "";
  }

  /** Keeps a draft; it is stored after a pause in typing. */
  set(key: DraftKey, text: string): void {
    if (this.text(key) === text) return;
    this.#texts.set(key, text);
    this.#unsaved.add(key);
    this.#cancelTimer?.();
    this.#cancelTimer = this.#schedule(() => this.flush(), DRAFT_DEBOUNCE_MS);
  }

  /** Stores drafts without waiting for the pause: when the room changes, on send, when the page closes. */
  flush(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    for (const key of this.#unsaved) this.#write(key, this.text(key));
    this.#unsaved.clear();
    this.#mark();
  }

  /** A draft whose composer has the focus is not overwritten by other tabs. */
  hold(key: DraftKey, isHeld: boolean): void {
    if (isHeld) this.#held.add(key);
    else this.#held.delete(key);
  }

  /** Applies a change that another tab has stored. */
  receive(storageKey: string, value: string | null): void {
    if (!storageKey.startsWith(this.#prefix)) return;
    const key = storageKey.slice(this.#prefix.length) as DraftKey;
    if (this.#held.has(key) || this.#unsaved.has(key)) return;
    const text = value ?? "";
    this.#texts.set(key, text);
    this.#mark();
    this.received.value = { key, text };
  }

  /** Listens to other tabs and to the closing of the page; the returned function stops. */
  listen(events: DraftEvents): () => void {
    const onStorage = (event: Event) => {
      const { key, newValue } = event as StorageEvent;
      if (key !== null) this.receive(key, newValue);
    };
    const onHide = () => this.flush();
    events.addEventListener("storage", onStorage);
    events.addEventListener("pagehide", onHide);
    // A phone may kill a hidden page without `pagehide`.
    events.addEventListener("visibilitychange", onHide, true);
    return () => {
      events.removeEventListener("storage", onStorage);
      events.removeEventListener("pagehide", onHide);
      events.removeEventListener("visibilitychange", onHide, true);
    };
  }

  #mark(): void {
    const written = [...this.#texts].filter(([, text]) => text.trim() !== "").map(([key]) => key);
    const before = this.#written.peek();
    const isSame = written.length === before.size && written.every((key) => before.has(key));
    if (!isSame) this.#written.value = new Set(written);
  }

  #storedKeys(): DraftKey[] {
    const keys: DraftKey[] = [];
    try {
      for (let i = 0; i < this.#storage.length; i++) {
        const key = this.#storage.key(i);
        if (key?.startsWith(this.#prefix)) keys.push(key.slice(this.#prefix.length) as DraftKey);
      }
    } catch {
      // The browser may forbid storage; drafts then last as long as the page.
    }
    return keys;
  }

  #read(key: DraftKey): string {
    return this.#storage.getItem(this.#prefix + key) ?? "";
  }

  #write(key: DraftKey, text: string): void {
    try {
      if (text === "") this.#storage.removeItem(this.#prefix + key);
      else this.#storage.setItem(this.#prefix + key, text);
    } catch {
      // The storage is full or forbidden: the draft stays in memory.
    }
  }
}

function scheduleByTimer(run: () => void, delayMs: number): () => void {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
}
