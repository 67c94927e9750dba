import type { UserId } from "../../shared/ids.ts";
import { offlineState, SNAPSHOT_MIN_CHANGE_COUNT, toSnapshot } from "../../shared/presence.ts";
import type { PresenceSnapshot, PresenceState, PresenceUpdate } from "../../shared/presence.ts";
import type { Item } from "../streams/frames.ts";
import type { Hub } from "../streams/hub.ts";

/** A state in a diff takes about five times the bytes of an id in a snapshot: 97 and 19. */
const IDS_PER_STATE = 5;

/** States as sent to readers, without people who are offline and have no status text. */
export type ShownStates = ReadonlyMap<UserId, PresenceState>;

/** A snapshot and its offset among the diffs. */
export interface SnapshotItem extends Item {
  readonly value: PresenceSnapshot;
}

export interface PresenceAudienceOptions {
  readonly hub: Hub;
  readonly topic: string;
  readonly shown: ShownStates;
  /** People that the readers may see; null for everyone. */
  readonly visible: ReadonlySet<UserId> | null;
}

/**
 * Readers who may see the same people. Diffs are numbered, and a snapshot has the number of the last diff that it
 * includes, so that nothing is lost between them.
 */
export class PresenceAudience {
  /** Topic of the diffs. */
  readonly topic: string;
  readonly #hub: Hub;
  readonly #shown: ShownStates;
  /** The latest state of each person that changed while diffs are held. */
  readonly #heldBack = new Map<UserId, PresenceState>();
  #visible: ReadonlySet<UserId> | null;
  #isHolding = false;
  /** Never 0: readers who skip the first snapshot must get another one. */
  #offset = 1;
  #snapshot: SnapshotItem | null = null;

  constructor(options: PresenceAudienceOptions) {
    this.topic = options.topic;
    this.#hub = options.hub;
    this.#shown = options.shown;
    this.#visible = options.visible;
  }

  /** True between `hold` and `resume`. */
  get isHolding(): boolean {
    return this.#isHolding;
  }

  /** Returns all states as of the last diff; the same object until the next diff, so that it is encoded once. */
  snapshot(): SnapshotItem {
    this.#snapshot ??= {
      value: toSnapshot(this.#visibleStates()),
      offset: this.#offset,
      ephemeral: true,
    };
    return this.#snapshot;
  }

  /** Sends changes to all readers; call it after `shown` has changed. */
  deliver(changed: readonly PresenceState[]): void {
    if (this.#isHolding) {
      for (const state of changed) this.#heldBack.set(state.userId, state);
      return;
    }
    const visible = this.#visible;
    const states = visible === null ? [...changed] : changed.filter((state) => visible.has(state.userId));
    if (states.length > 0) this.#publish(states);
  }

  /** Holds diffs until `resume`, while visibility is reloaded. */
  hold(): void {
    this.#isHolding = true;
  }

  /** Continues with other visible people: new ones are sent, removed ones go offline. */
  resume(visible: ReadonlySet<UserId> | null): void {
    const before = this.#visible;
    const held = new Map(this.#heldBack);
    this.#visible = visible;
    this.#isHolding = false;
    this.#heldBack.clear();
    const sees = (set: ReadonlySet<UserId> | null, userId: UserId) => set === null || set.has(userId);
    const lost = [...before ?? []].filter((userId) => !sees(visible, userId));
    const found = [...this.#shown.keys()].filter((id) => sees(visible, id) && !sees(before, id));
    const changed = [...held.keys()].filter((id) => sees(visible, id) && sees(before, id));
    const states = [...new Set([...found, ...changed])].map((id) =>
      this.#shown.get(id) ?? held.get(id) ?? offlineState(id)
    );
    states.push(...lost.map(offlineState));
    if (states.length > 0) this.#publish(states);
  }

  #visibleStates(): Iterable<PresenceState> {
    const visible = this.#visible;
    if (visible === null) return this.#shown.values();
    return [...visible].flatMap((userId) => this.#shown.get(userId) ?? []);
  }

  /** If many change at once, a snapshot is shorter than a diff. */
  #publish(states: PresenceState[]): void {
    this.#offset++;
    this.#snapshot = null;
    // A snapshot cannot say whose account was deactivated.
    const mayBeWhole = states.length >= SNAPSHOT_MIN_CHANGE_COUNT && !states.some((one) => one.isDeactivated);
    const whole = mayBeWhole ? this.snapshot() : null;
    const isWhole = whole !== null && idCount(whole.value) < IDS_PER_STATE * states.length;
    const update: PresenceUpdate = isWhole ? whole.value : { type: "diff", states };
    // New readers get the same bytes.
    const item: Item = isWhole ? whole : { value: update, offset: this.#offset, ephemeral: true };
    this.#hub.publish(this.topic, item);
  }
}

/** Returns the length of a snapshot, in ids. */
function idCount({ online, away, doNotDisturb, texts }: PresenceSnapshot): number {
  return online.length + away.length + doNotDisturb.length + IDS_PER_STATE * texts.length;
}
