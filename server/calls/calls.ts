import type { CallId, ParticipantId, RoomId } from "../../shared/ids.ts";
import { RIGHTS_CACHE_MS } from "../../shared/limits.ts";
import type { AccountStore } from "../auth/account_store.ts";
import { notFound } from "../auth/authorize.ts";
import type { Feed, Notice } from "../changes.ts";
import { runForAll } from "../kv/caller.ts";
import type { Log } from "../log.ts";
import { isRoomNotice } from "../rooms/room_stream.ts";
import type { RoomStore } from "../rooms/room_store.ts";
import type { RoomSummaryCache } from "../rooms/room_summary_cache.ts";
import type { Signals } from "../streams/signals.ts";
import type { CallBoard } from "./call_board.ts";
import { CallGuard } from "./call_guard.ts";
import { CALL_TIMES, CallKeeper } from "./call_keeper.ts";
import type { CallTimes } from "./call_keeper.ts";
import { CallListeners } from "./call_listeners.ts";
import { CallPolls } from "./call_polls.ts";
import { CallRelay } from "./call_relay.ts";
import { notInCall, participantOf } from "./call_record.ts";
import type { CallRecord, ParticipantRow } from "./call_record.ts";
import type { RemainingOf } from "./call_news.ts";
import type { CallRowStore } from "./call_row_store.ts";
import type { CallStore } from "./call_store.ts";
import { ringsOf, tellRings } from "./ring_changes.ts";
import type { RingListener, StartedRing } from "./ring_changes.ts";
import { HandedFiles } from "./handed_files.ts";
import type { SfuKeeper } from "./sfu_keeper.ts";

/** Maximum number of calls that a start finds. */
const CALLS_MAX_COUNT = 10_000;
const RETRY_MS = 500;

export interface CallsOptions {
  readonly board: CallBoard;
  readonly rows: CallRowStore;
  readonly store: CallStore;
  readonly sfuKeeper: SfuKeeper | null;
  readonly feed: Feed;
  readonly signals: Signals;
  readonly rooms: RoomStore;
  readonly accounts: AccountStore;
  readonly summaries: RoomSummaryCache;
  /** False if this instance no longer receives the feed. */
  readonly isCurrent: () => boolean;
  readonly log: Log;
  readonly now: () => number;
  /** Monotonic time in milliseconds. */
  readonly elapsed: () => number;
  readonly times?: CallTimes | undefined;
}

/** A participant, and the call that it is in now. */
export interface InCall {
  readonly roomId: RoomId;
  readonly call: CallRecord;
  readonly participant: ParticipantRow;
}

/** The calls of this instance: what people do with them, who listens, and what ends by itself. */
export class Calls {
  /** What people do. */
  readonly store: CallStore;
  /** Files that were handed over. */
  readonly files: HandedFiles;
  /** Signals between participants. */
  readonly relay: CallRelay;
  /** Tabs that poll. */
  readonly polls: CallPolls;
  readonly #options: CallsOptions;
  readonly #keeper: CallKeeper;
  readonly #guard: CallGuard;
  readonly #listeners: CallListeners;
  readonly #unsubscribe: () => void;
  readonly #retries = new Set<ReturnType<typeof setTimeout>>();
  readonly #remainingOf: RemainingOf = (call, ring) => this.#keeper.remainingMs(call, ring);
  #isClosed = false;

  /** Subscribes to the feed. */
  constructor(options: CallsOptions) {
    const { board, store, feed, signals, rooms, accounts, summaries, isCurrent, log, elapsed } = options;
    this.#options = options;
    this.store = store;
    this.files = new HandedFiles(options.rows);
    this.#keeper = new CallKeeper({
      board,
      store,
      signals,
      isHere: (address) => this.#listeners.hasStream(address),
      isCurrent,
      log,
      times: options.times ?? CALL_TIMES,
      elapsed,
    });
    // After the keeper, which knows how long a ring rings.
    this.#listeners = new CallListeners({
      board,
      feed,
      signals,
      summaries,
      remainingOf: this.#remainingOf,
      now: options.now,
      onOpened: (address) => this.#keeper.opened(address),
    });
    this.relay = new CallRelay({ calls: this, feed, signals, listeners: this.#listeners });
    this.polls = new CallPolls({ signals, renew: (address) => this.#keeper.opened(address), elapsed });
    this.#guard = new CallGuard({ board, store, feed, access: rooms.access, accounts, elapsed });
    this.#unsubscribe = feed.subscribe("deliver", (notice) => this.#hear(notice));
  }

  /** Whether LiveKit answered lately, if there is one. */
  get isSfuThere(): boolean {
    return this.#options.sfuKeeper?.isThere ?? true;
  }

  /** Takes over calls that go on; their participants have the time of a lease to come back. */
  async load(): Promise<void> {
    const { rows, board } = this.#options;
    for (const roomId of await rows.rooms(CALLS_MAX_COUNT)) board.apply(roomId, await rows.read(roomId));
  }

  /** Tells a listener of all rings, until the returned function is called. */
  onRing(listener: RingListener): () => void {
    return this.#options.board.subscribe((change) => tellRings(change, this.#remainingOf, listener));
  }

  /** Lists what rings now. */
  rings(): StartedRing[] {
    return ringsOf(this.#options.board, this.#remainingOf);
  }

  /** Whether a call goes on, as far as this instance knows. */
  isRunning(callId: CallId): boolean {
    return this.#options.board.roomOf(callId) !== null;
  }

  /** Returns the room of a call that goes on; throws `not_found`. */
  roomOf(callId: CallId): Promise<RoomId> {
    return this.#options.rows.roomOf(callId);
  }

  /** Returns the participant of a session or token; throws `not_found` or `not_in_call`. */
  requireParticipant(key: string, callId: CallId): Promise<InCall> {
    return this.#require(callId, (call) => participantOf(call, key));
  }

  /** Returns a participant; throws `not_found` or `not_in_call`. */
  require(participantId: ParticipantId, callId: CallId): Promise<InCall> {
    return this.#require(
      callId,
      ({ participants }) => participants.find((each) => each.participantId === participantId),
    );
  }

  /** Stops timers and unsubscribes. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#unsubscribe();
    this.#guard.close();
    this.relay.close();
    this.polls.close();
    this.#listeners.close();
    this.#keeper.close();
    for (const timer of this.#retries) clearTimeout(timer);
    await this.#options.sfuKeeper?.close();
  }

  /** A refusal is never based on what is in memory, and nothing on what may be outdated. */
  async #require(
    callId: CallId,
    find: (call: CallRecord) => ParticipantRow | undefined,
  ): Promise<InCall> {
    const { board, rows, feed } = this.#options;
    const roomId = await rows.roomOf(callId);
    const known = board.find(roomId);
    const isFresh = known !== null && (!feed.isShared || known.ageMs < RIGHTS_CACHE_MS);
    const call = isFresh ? known.row.call : null;
    const participant = call?.callId === callId ? find(call) : undefined;
    if (call !== null && participant !== undefined) return { roomId, call, participant };
    const row = await rows.read(roomId);
    board.apply(roomId, row);
    if (row.call === null || row.call.callId !== callId) throw notFound();
    const stored = find(row.call);
    if (stored === undefined) throw notInCall();
    return { roomId, call: row.call, participant: stored };
  }

  #hear(notice: Notice): void {
    if (notice.type === "changed" && notice.change.type === "call_changed") {
      return this.#options.board.apply(notice.change.roomId, notice.change.row);
    }
    if (!isRoomNotice(notice)) return;
    const isAboutCall = notice.events.some(({ type }) => type === "call_started" || type === "call_ended");
    if (isAboutCall) this.#read(notice.streamId);
  }

  /** The event of a beginning or an end does not have the row. */
  #read(roomId: RoomId): void {
    const { rows, board } = this.#options;
    runForAll(() => rows.read(roomId)).then((row) => board.apply(roomId, row), () => {
      if (this.#isClosed) return;
      const timer = setTimeout(() => {
        this.#retries.delete(timer);
        this.#read(roomId);
      }, RETRY_MS);
      this.#retries.add(timer);
    });
  }
}
