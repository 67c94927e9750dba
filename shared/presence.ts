import type { UserId } from "./ids.ts";

/** How reachable a person is. */
export type PresenceStatus = "online" | "away" | "offline";

/** What others see of a person. `textUntil` is when the text expires, as an ISO time. */
export interface PresenceState {
  readonly userId: UserId;
  readonly status: PresenceStatus;
  readonly text: string;
  readonly textUntil: string | null;
  readonly doNotDisturb: boolean;
  /** Only in the diff that tells that the account was deactivated. */
  readonly isDeactivated?: true;
}

/** A status text in a snapshot. */
export type LeftText = Pick<PresenceState, "userId" | "text" | "textUntil">;

/** Everybody's state in about 19 bytes a person: ids by status, and the texts apart. People not named are offline. */
export interface PresenceSnapshot {
  readonly type: "snapshot";
  readonly online: UserId[];
  readonly away: UserId[];
  readonly doNotDisturb: UserId[];
  readonly texts: LeftText[];
}

/** Fewer changes are always sent as a diff, so a snapshot with fewer of them means that the server starts over. */
export const SNAPSHOT_MIN_CHANGE_COUNT = 32;

/** The states that changed. */
export interface PresenceDiff {
  readonly type: "diff";
  readonly states: PresenceState[];
}

/** A snapshot, followed by diffs. Another snapshot follows if it is shorter, or if updates were missed. */
export type PresenceUpdate = PresenceSnapshot | PresenceDiff;

/** What people set themselves. It is stored, while the status depends on connected devices. */
export type StatusText = Pick<PresenceState, "text" | "textUntil" | "doNotDisturb">;

/** A device's claim that its person is there. It expires unless it is renewed. */
export interface PresenceLease {
  /** The holder: a WebSocket connection, or a session or token that uses HTTP. */
  readonly connectionId: string;
  readonly userId: UserId;
  readonly status: "online" | "away";
  /** The session or token of a device that hears at once what happens: with a WebSocket, or a visible tab. */
  readonly key?: string;
  /** When it expires, in epoch milliseconds. */
  readonly until: number;
}

/** What a reader knows: states by person, and diffs that arrived before their snapshot. */
export interface PresencePicture {
  readonly isComplete: boolean;
  readonly states: ReadonlyMap<UserId, PresenceState>;
  readonly early: readonly PresenceState[];
}

/** What a reader knows before the first update. */
export const EMPTY_PICTURE: PresencePicture = { isComplete: false, states: new Map(), early: [] };

const RANKS: Record<PresenceStatus, number> = { offline: 0, away: 1, online: 2 };

/** Whether a change makes a person less reachable. Such changes are delayed, so that a reload does not flicker. */
export function isStepDown(from: PresenceStatus, to: PresenceStatus): boolean {
  return RANKS[to] < RANKS[from];
}

/** Returns a person's status from the leases of all devices: the best one that has not expired. */
export function mergeLeases(leases: Iterable<PresenceLease>, nowMs: number): PresenceStatus {
  let best: PresenceStatus = "offline";
  for (const lease of leases) {
    if (lease.until > nowMs && isStepDown(lease.status, best)) best = lease.status;
  }
  return best;
}

/** The state of a person about whom nothing is known. */
export function offlineState(userId: UserId): PresenceState {
  return { userId, status: "offline", text: "", textUntil: null, doNotDisturb: false };
}

/** Whether a state says no more than "offline"; snapshots leave such states out. */
export function isPlainOffline(state: PresenceState): boolean {
  return state.status === "offline" && state.text === "" && !state.doNotDisturb;
}

/** Whether two states look the same. */
export function isSameState(a: PresenceState, b: PresenceState): boolean {
  return a.userId === b.userId && a.status === b.status && a.text === b.text && a.textUntil === b.textUntil &&
    a.doNotDisturb === b.doNotDisturb;
}

/** The current status text: "" once `textUntil` has passed. */
export function effectiveText(state: StatusText, nowMs: number): string {
  return state.textUntil !== null && Date.parse(state.textUntil) <= nowMs ? "" : state.text;
}

/** Returns the state without a text that has expired. */
export function withoutExpiredText(state: PresenceState, nowMs: number): PresenceState {
  if (state.text === "" || effectiveText(state, nowMs) !== "") return state;
  return { ...state, text: "", textUntil: null };
}

/** Converts states to a snapshot. */
export function toSnapshot(states: Iterable<PresenceState>): PresenceSnapshot {
  const snapshot: PresenceSnapshot = { type: "snapshot", online: [], away: [], doNotDisturb: [], texts: [] };
  for (const { userId, status, text, textUntil, doNotDisturb } of states) {
    if (status !== "offline") snapshot[status].push(userId);
    if (doNotDisturb) snapshot.doNotDisturb.push(userId);
    if (text !== "") snapshot.texts.push({ userId, text, textUntil });
  }
  return snapshot;
}

/** Returns the states in a snapshot. */
export function statesOf(
  { online, away, doNotDisturb, texts }: PresenceSnapshot,
): Map<UserId, PresenceState> {
  const states = new Map<UserId, PresenceState>();
  const change = (userId: UserId, part: Partial<PresenceState>) => {
    states.set(userId, { ...states.get(userId) ?? offlineState(userId), ...part });
  };
  for (const userId of online) change(userId, { status: "online" });
  for (const userId of away) change(userId, { status: "away" });
  for (const userId of doNotDisturb) change(userId, { doNotDisturb: true });
  for (const { userId, text, textUntil } of texts) change(userId, { text, textUntil });
  return states;
}

/**
 * Applies an update. A snapshot replaces everything; diffs that arrive before the first snapshot are kept and
 * applied after it, because it may not include them. States that stay the same keep their identity.
 */
export function applyPresence(picture: PresencePicture, update: PresenceUpdate): PresencePicture {
  if (update.type === "diff" && !picture.isComplete) {
    return { ...picture, early: [...picture.early, ...update.states] };
  }
  const states = update.type === "diff" ? new Map(picture.states) : new Map<UserId, PresenceState>();
  const changes = update.type === "diff" ? update.states : [...statesOf(update).values(), ...picture.early];
  for (const state of changes) {
    const known = picture.states.get(state.userId);
    if (isPlainOffline(state)) states.delete(state.userId);
    else states.set(state.userId, known !== undefined && isSameState(known, state) ? known : state);
  }
  return { isComplete: true, states, early: [] };
}
