import { computed, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { UserId } from "../../shared/ids.ts";
import {
  applyPresence,
  EMPTY_PICTURE,
  offlineState,
  SNAPSHOT_MIN_CHANGE_COUNT,
} from "../../shared/presence.ts";
import type { PresenceState, PresenceUpdate, StatusText } from "../../shared/presence.ts";
import { keepSubscribed } from "../net/keep_subscribed.ts";
import type { Trpc } from "../net/trpc.ts";
import { OwnStatus } from "./own_status.ts";

/** A guest sees no more people than this; somebody who becomes one, or no longer is one, gets another picture. */
const GUEST_SEES_MAX_COUNT = 200;

type States = ReadonlyMap<UserId, PresenceState>;

/** Options of `PresenceModel`. */
export interface PresenceOptions {
  readonly api: Pick<Trpc["presence"], "set" | "onPresence">;
  readonly me: UserId;
  /** True while the user is away from this tab. */
  readonly isIdle: ReadonlySignal<boolean>;
  /** True while calls reach the server. */
  readonly isConnected: ReadonlySignal<boolean>;
  /**
   * True on WebSocket: presence has a subscription, and the server keeps this device's lease alive. Otherwise
   * `rooms.onChange` carries presence, and the device must report again and again.
   */
  readonly hasSocket: ReadonlySignal<boolean>;
  /** The user's role may have changed. */
  readonly onRoleChanged: () => void;
  /** An account was deactivated. */
  readonly onDeactivated: (userId: UserId) => void;
  readonly now?: () => number;
}

/** The presence of all users, and reports of the user's own. */
export class PresenceModel {
  readonly #options: PresenceOptions;
  readonly #own: OwnStatus;
  readonly #picture = signal(EMPTY_PICTURE);
  readonly #states = new Map<UserId, ReadonlySignal<PresenceState>>();
  #unsubscribe: () => void = () => {};

  /** False until the first snapshot; before, nobody can be shown as offline. */
  readonly isReady: ReadonlySignal<boolean> = computed(() => this.#picture.value.isComplete);
  /** The user's presence as others see it. */
  readonly own: ReadonlySignal<PresenceState>;

  constructor(options: PresenceOptions) {
    this.#options = options;
    this.#own = new OwnStatus(options);
    this.own = this.signalOf(options.me);
  }

  /** Starts to subscribe and to report. */
  start(): void {
    const { api, hasSocket } = this.#options;
    this.#unsubscribe = keepSubscribed(
      () => hasSocket.value || null,
      (_, reopen) =>
        api.onPresence.subscribe(undefined, { onData: (update) => this.apply(update), onError: reopen }),
    );
    this.#own.start();
  }

  /** Applies an update from the server; nothing else changes the presence of others. */
  apply(update: PresenceUpdate): void {
    const before = this.#picture.peek();
    const after = applyPresence(before, update);
    this.#picture.value = after;
    if (update.type === "diff") {
      for (const { userId, isDeactivated } of update.states) {
        if (isDeactivated) this.#options.onDeactivated(userId);
      }
      return;
    }
    // The server starts over when the role changes. It does so after a reconnect too, which may have missed a change.
    if (before.isComplete && isStartOver(before.states, after.states)) this.#options.onRoleChanged();
    // Report again: a server that was restarted knows nothing of this device.
    this.#own.confirm(this.stateOf(this.#options.me).status);
  }

  /** Returns a user's current presence. Views should use `signalOf`, since this follows the changes of all users. */
  stateOf(userId: UserId): PresenceState {
    return this.#picture.value.states.get(userId) ?? offlineState(userId);
  }

  /** Returns a signal of one user's presence. */
  signalOf(userId: UserId): ReadonlySignal<PresenceState> {
    let state = this.#states.get(userId);
    if (state === undefined) {
      // One object while offline, or changes of others would look like changes of this user.
      const offline = offlineState(userId);
      state = computed(() => this.#picture.value.states.get(userId) ?? offline);
      this.#states.set(userId, state);
    }
    return state;
  }

  /** Sets the status text or do not disturb; rejects with the server's error. */
  async setText(change: Partial<StatusText>): Promise<void> {
    await this.#own.say(change);
  }

  /** Stops timers and the subscription. */
  [Symbol.dispose](): void {
    this.#unsubscribe();
    this.#own[Symbol.dispose]();
  }
}

/**
 * Whether a snapshot starts over. Large teams also get snapshots when many people come or go, and a thousand tabs must
 * not ask for their role each time; but these change many states.
 */
function isStartOver(before: States, after: States): boolean {
  if (Math.min(before.size, after.size) <= GUEST_SEES_MAX_COUNT) return true;
  let changeCount = 0;
  for (const [userId, state] of after) if (before.get(userId) !== state) changeCount++;
  for (const userId of before.keys()) if (!after.has(userId)) changeCount++;
  return changeCount < SNAPSHOT_MIN_CHANGE_COUNT;
}
