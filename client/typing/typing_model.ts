import { computed, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { TypingUpdate } from "../../shared/signals.ts";
import type { RoomId, UserId } from "../../shared/ids.ts";
import { TYPING_TTL_MS } from "../../shared/limits.ts";
import { keepSubscribed } from "../net/keep_subscribed.ts";
import type { Trpc } from "../net/trpc.ts";
import { readFailure } from "../ui/failure.ts";
import { TypingReport } from "./typing_report.ts";

/** Options of `TypingModel`. */
export interface TypingOptions {
  readonly api: Pick<Trpc["typing"], "set" | "onTyping">;
  readonly me: UserId;
  /** True while calls reach the server. */
  readonly isConnected: ReadonlySignal<boolean>;
  /** False on transports with few connections, where `rooms.onChange` carries typing. */
  readonly subscribes: ReadonlySignal<boolean>;
  readonly now?: () => number;
}

type Typers = ReadonlyMap<UserId, number>;
const NOBODY: readonly UserId[] = [];

/** Users who are typing in the open room, and reports of the user's own typing. */
export class TypingModel {
  readonly #options: TypingOptions;
  readonly #now: () => number;
  readonly #report: TypingReport;
  readonly #open = signal<RoomId | null>(null);
  /** By room: until when each user counts as typing, in the order in which they started. */
  readonly #rooms = signal<ReadonlyMap<RoomId, Typers>>(new Map());
  #expiryTimer: ReturnType<typeof setTimeout> | undefined;
  #unsubscribe: () => void = () => {};

  /** Users who are typing in the open room, in the order in which they started. */
  readonly typers: ReadonlySignal<readonly UserId[]> = computed(() => {
    const roomId = this.#open.value;
    return roomId === null ? NOBODY : this.typersOf(roomId);
  });

  constructor(options: TypingOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    const { api, isConnected } = options;
    this.#report = new TypingReport({ api, isConnected, now: this.#now });
  }

  /** Starts to subscribe to the open room. */
  start(): void {
    const { api, subscribes } = this.#options;
    this.#unsubscribe = keepSubscribed(
      () => subscribes.value ? this.#open.value : null,
      (roomId, reopen) =>
        api.onTyping.subscribe({ roomId }, {
          onData: (update) => this.apply(roomId, update),
          onError: (error) => {
            this.#setTypers(roomId, new Map());
            // Users who left a public room may still read it: the subscription ends, and can be opened again.
            if (readFailure(error).code !== "not_found") reopen();
          },
        }),
    );
  }

  /** Opens another room, or none; the user stops typing in the previous one. */
  open(roomId: RoomId | null): void {
    if (roomId === this.#open.peek()) return;
    this.#report.stop();
    this.#open.value = roomId;
  }

  /** Returns who is typing in a room. */
  typersOf(roomId: RoomId): readonly UserId[] {
    const typers = this.#rooms.value.get(roomId);
    return typers === undefined ? NOBODY : [...typers.keys()];
  }

  /** Applies an update from the server; nothing else makes others type. */
  apply(roomId: RoomId, { userId, isTyping }: TypingUpdate): void {
    if (userId === this.#options.me) return;
    const typers = new Map(this.#rooms.peek().get(roomId));
    if (isTyping) typers.set(userId, this.#now() + TYPING_TTL_MS);
    else if (!typers.delete(userId)) return;
    this.#setTypers(roomId, typers);
  }

  /** The user changed the text in the composer of the open room. */
  input(hasText: boolean): void {
    const roomId = this.#open.peek();
    if (roomId !== null) this.#report.input(roomId, hasText);
  }

  /** The message was sent. */
  sent(): void {
    this.#report.sent();
  }

  /** The composer lost the focus. */
  blur(): void {
    this.#report.stop();
  }

  /** Stops timers and the subscription. */
  [Symbol.dispose](): void {
    this.#report.stop();
    this.#unsubscribe();
    clearTimeout(this.#expiryTimer);
  }

  #setTypers(roomId: RoomId, typers: Typers): void {
    const rooms = new Map(this.#rooms.peek());
    if (typers.size === 0) rooms.delete(roomId);
    else rooms.set(roomId, typers);
    this.#rooms.value = rooms;
    this.#armExpiry();
  }

  /** Users without an update for 6 s have stopped: their last update may have been lost. */
  #armExpiry(): void {
    clearTimeout(this.#expiryTimer);
    let next = Infinity;
    for (const typers of this.#rooms.peek().values()) {
      for (const until of typers.values()) next = Math.min(next, until);
    }
    if (next !== Infinity) {
      this.#expiryTimer = setTimeout(() => this.#expire(), Math.max(0, next - this.#now()));
    }
  }

  #expire(): void {
    const now = this.#now();
    const rooms = new Map<RoomId, Typers>();
    for (const [roomId, typers] of this.#rooms.peek()) {
      const live = [...typers].filter(([, until]) => until > now);
      if (live.length > 0) rooms.set(roomId, new Map(live));
    }
    this.#rooms.value = rooms;
    this.#armExpiry();
  }
}

/** Describes who is typing; "" for nobody. */
export function describeTyping(names: readonly string[]): string {
  const [first, second, third] = names;
  if (first === undefined) return "";
  if (second === undefined) return `${first} is typing…`;
  return third === undefined ? `${first} and ${second} are typing…` : "Several people are typing…";
}
