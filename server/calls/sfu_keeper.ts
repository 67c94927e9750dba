import type { CallId, RoomId } from "../../shared/ids.ts";
import { runForAll } from "../kv/caller.ts";
import type { Log } from "../log.ts";
import type { CallBoard, CallChange } from "./call_board.ts";
import type { CallRecord } from "./call_record.ts";
import type { CallRowStore } from "./call_row_store.ts";
import { asMesh } from "./call_topology.ts";
import type { SfuRooms } from "./sfu_rooms.ts";

/** How often LiveKit is asked whether it is there, and who is in its rooms. */
const ROUND_MS = 3_000;
/** After so many failures in a row it is away; a single one may be a busy moment. */
const AWAY_AFTER_COUNT = 2;
/** How often LiveKit is asked to end a room; it may refuse for ever, as with a wrong secret. */
const END_TRY_MAX_COUNT = 6;

export interface SfuKeeperOptions {
  readonly sfu: SfuRooms;
  readonly board: CallBoard;
  readonly rows: CallRowStore;
  /** Whether this instance does what one alone does. */
  readonly isFirst: () => boolean;
  readonly log: Log;
  /** Milliseconds between rounds. */
  readonly roundMs?: number;
}

/** The end of a room that is tried again. */
interface Ending {
  tryCount: number;
  /** Rounds to wait before the next try, twice as many each time. */
  roundsLeft: number;
}

/**
 * Removes everyone but participants from LiveKit rooms; calls return to the mesh while it is away.
 *
 * Whoever is connected has a token that LiveKit renews, so one who was removed can come back with it: each round looks
 * for those, in the rooms of all calls that go on.
 */
export class SfuKeeper {
  readonly #options: SfuKeeperOptions;
  readonly #unsubscribe: () => void;
  /** Calls that are over, or go from browser to browser, and whose rooms may still be there. */
  readonly #ending = new Map<CallId, Ending>();
  /** What is under way. */
  readonly #work = new Set<Promise<void>>();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #failureCount = 0;
  #isClosed = false;

  /** Subscribes to the board; the first round begins at once. */
  constructor(options: SfuKeeperOptions) {
    this.#options = options;
    this.#unsubscribe = options.board.subscribe((change) => this.#apply(change));
    this.#wait(0);
  }

  /** Whether LiveKit answered lately. */
  get isThere(): boolean {
    return this.#failureCount < AWAY_AFTER_COUNT;
  }

  /** Stops the rounds, unsubscribes, and aborts what is under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#unsubscribe();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#options.sfu.close();
    await Promise.all(this.#work);
  }

  #wait(ms: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#start(async () => {
        await this.#round();
        if (!this.#isClosed) this.#wait(this.#options.roundMs ?? ROUND_MS);
      });
    }, ms);
  }

  /** Asks whether LiveKit is there, and compares its rooms with the calls. */
  async #round(): Promise<void> {
    const { sfu, board, isFirst, log } = this.#options;
    const wasThere = this.isThere;
    const isAlive = await sfu.isAlive();
    if (this.#isClosed) return;
    this.#failureCount = isAlive ? 0 : this.#failureCount + 1;
    if (wasThere !== this.isThere) {
      if (wasThere) log.warn("LiveKit does not answer: calls go from browser to browser");
      else log.info("LiveKit answers again");
    }
    if (!isFirst() || this.#isClosed) return;
    if (this.isThere) {
      for (const [callId, ending] of [...this.#ending]) {
        if (--ending.roundsLeft < 0) await this.#end(callId);
      }
    }
    for (const [roomId, call] of [...board.calls()]) {
      if (this.#isClosed) return;
      if (call.topology === "sfu") await this.#guarded(() => this.#check(roomId, call));
    }
  }

  async #check(roomId: RoomId, { callId, startedBy, participants }: CallRecord): Promise<void> {
    const { sfu, rows } = this.#options;
    if (!this.isThere) {
      await rows.change(roomId, startedBy, ({ call }) => ({
        call: call?.callId === callId ? asMesh(call) : null,
      }));
      return;
    }
    const isIn = (those: CallRecord["participants"], identity: string) =>
      those.some(({ participantId }) => participantId === identity);
    const others = (await sfu.list(callId)).filter((identity) => !isIn(participants, identity));
    if (others.length === 0) return;
    // Somebody may have joined since, on another instance.
    const { call } = await rows.read(roomId);
    const stored = call?.callId === callId ? call.participants : [];
    for (const identity of others) if (!isIn(stored, identity)) await sfu.remove(callId, identity);
  }

  /** Tells LiveKit at once who has left, and which calls are over or need it no more. */
  #apply({ before: { call: old }, after: { call } }: CallChange): void {
    const { sfu, isFirst } = this.#options;
    if (old === null || old.topology !== "sfu" || !isFirst() || this.#isClosed) return;
    const { callId } = old;
    if (call === null || call.callId !== callId || call.topology !== "sfu") {
      this.#ending.set(callId, { tryCount: 0, roundsLeft: 0 });
      // A server that went away has forgotten its rooms, unless it only could not be reached.
      if (this.isThere) this.#start(() => this.#end(callId));
      return;
    }
    const isStaying = (id: string) => call.participants.some(({ participantId }) => participantId === id);
    for (const { participantId } of old.participants) {
      if (!isStaying(participantId)) this.#start(() => sfu.remove(callId, participantId));
    }
  }

  async #end(callId: CallId): Promise<void> {
    const ending = this.#ending.get(callId);
    if (ending === undefined) return;
    const tryCount = ++ending.tryCount;
    ending.roundsLeft = 2 ** (tryCount - 1);
    try {
      await this.#options.sfu.end(callId);
      this.#ending.delete(callId);
    } catch (error) {
      if (tryCount >= END_TRY_MAX_COUNT) this.#ending.delete(callId);
      if (tryCount > 1 || this.#isClosed) return;
      const reason = String(error);
      this.#options.log.warn("Cannot end the room of a call in LiveKit, trying again for a while", {
        reason,
      });
    }
  }

  #start(work: () => Promise<void>): void {
    const running = runForAll(() => this.#guarded(work)).finally(() => this.#work.delete(running));
    this.#work.add(running);
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (this.#isClosed) return;
      this.#options.log.warn("Cannot tell LiveKit about a call, trying again", { reason: String(error) });
    }
  }
}
