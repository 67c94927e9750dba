import { computed, effect, signal, untracked } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { UserId } from "../../shared/ids.ts";
import { applyPresence, EMPTY_PICTURE, offlineState } from "../../shared/presence.ts";
import type { PresenceState, PresenceUpdate, StatusText } from "../../shared/presence.ts";
import type { Trpc } from "../net/trpc.ts";
import { readWireError } from "../net/wire_error.ts";
import { OwnStatus } from "./own_status.ts";

/** A subscription that ended with an error is opened again after this. */
const REOPEN_AFTER_MS = 5_000;

/** What presence stands on. */
export interface PresenceOptions {
  readonly api: Pick<Trpc["presence"], "set" | "onPresence">;
  readonly me: UserId;
  /** True while nobody is in front of this tab. */
  readonly isIdle: ReadonlySignal<boolean>;
  /** True while calls reach the server. */
  readonly isConnected: ReadonlySignal<boolean>;
  /**
   * True on WebSocket: presence is subscribed to here and the server keeps this device's lease alive. Elsewhere
   * `rooms.onChange` brings presence, and the device has to say again and again that it is there.
   */
  readonly hasSocket: ReadonlySignal<boolean>;
  /** The server ended the subscription because the person may see more or less than before. */
  readonly onRoleChanged: () => void;
  readonly now?: () => number;
}

/** Who is there, and telling the others that the person is. */
export class PresenceModel {
  readonly #options: PresenceOptions;
  readonly #own: OwnStatus;
  readonly #picture = signal(EMPTY_PICTURE);
  readonly #states = new Map<UserId, ReadonlySignal<PresenceState>>();
  /** Grows when the subscription is to be opened anew. */
  readonly #turn = signal(0);
  #reopenTimer: ReturnType<typeof setTimeout> | undefined;
  #unsubscribe: () => void = () => {};

  /** False until the first snapshot: before that, nobody is known to be offline. */
  readonly isReady: ReadonlySignal<boolean> = computed(() => this.#picture.value.isComplete);
  /** The person as others see it. */
  readonly own: ReadonlySignal<PresenceState>;

  constructor(options: PresenceOptions) {
    this.#options = options;
    this.#own = new OwnStatus(options);
    this.own = this.signalOf(options.me);
  }

  /** Begins to subscribe and to say that the person is there. */
  start(): void {
    this.#unsubscribe = effect(() => {
      this.#turn.value;
      if (!this.#options.hasSocket.value) return;
      const subscription = untracked(() => this.#subscribe());
      return () => {
        clearTimeout(this.#reopenTimer);
        subscription.unsubscribe();
      };
    });
    this.#own.start();
  }

  /** Takes in what the server tells; the only place where others change. */
  apply(update: PresenceUpdate): void {
    this.#picture.value = applyPresence(this.#picture.peek(), update);
    // A snapshot begins what the server knows of this device: after its restart that is nothing.
    if (update.type === "snapshot") this.#own.confirm(this.stateOf(this.#options.me).status);
  }

  /** The state of a person now; in a view it follows every change of anybody, so prefer `signalOf` there. */
  stateOf(userId: UserId): PresenceState {
    return this.#picture.value.states.get(userId) ?? offlineState(userId);
  }

  /** The state of one person, for a view that shows it. */
  signalOf(userId: UserId): ReadonlySignal<PresenceState> {
    let state = this.#states.get(userId);
    if (state === undefined) {
      // One object for as long as it is offline, or each diff of others would look like a change.
      const offline = offlineState(userId);
      state = computed(() => this.#picture.value.states.get(userId) ?? offline);
      this.#states.set(userId, state);
    }
    return state;
  }

  /** Says something of the person itself; rejects with what the server refused. */
  async setText(change: Partial<StatusText>): Promise<void> {
    await this.#own.say(change);
  }

  /** Stops timers and the subscription. */
  dispose(): void {
    this.#unsubscribe();
    this.#own.dispose();
  }

  #subscribe(): { unsubscribe(): void } {
    return this.#options.api.onPresence.subscribe(undefined, {
      onData: (update) => this.apply(update),
      onError: (error) => {
        if (readWireError(error).appCode === "not_allowed") this.#options.onRoleChanged();
        this.#reopenTimer = setTimeout(() => this.#turn.value++, REOPEN_AFTER_MS);
      },
    });
  }
}
