import type { RoughCount, StatusActivity } from "../../shared/status/status.ts";
import { dayOf } from "../../shared/status/uptime.ts";
import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import { isRoomNotice } from "../rooms/room_stream.ts";
import type { Feed } from "../streams/feed.ts";

/** Smaller counts would tell who is there. */
const SHOWN_MIN_COUNT = 5;

/** Messages of one UTC day. */
interface ActivityRow {
  readonly day: string;
  readonly messageCount: number;
}

export interface ActivityStoreOptions {
  readonly db: Database;
  readonly feed: Feed;
  readonly onlineCount: () => number;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
  /** Whether this instance writes for all; each hears of all messages. */
  readonly isFirst: () => boolean;
}

/** Counts the messages of a day, over restarts too. It keeps nothing of them. */
export class ActivityStore {
  readonly #options: ActivityStoreOptions;
  readonly #unsubscribe: () => void;
  #day: string;
  #messageCount = 0;
  #isLoaded = false;

  /** Counts from now on. */
  constructor(options: ActivityStoreOptions) {
    this.#options = options;
    this.#day = dayOf(options.now());
    this.#unsubscribe = options.feed.subscribe("view", (notice) => {
      if (!isRoomNotice(notice)) return;
      this.#turn();
      this.#messageCount += notice.events.filter(({ type }) => type === "message_sent").length;
    });
  }

  /** Adds what was counted before the start, once. */
  async load(): Promise<void> {
    if (this.#isLoaded) return;
    const { value } = await this.#options.db.get<ActivityRow>(keys.statusActivity());
    this.#isLoaded = true;
    this.#turn();
    if (value?.day === this.#day) this.#messageCount += value.messageCount;
  }

  /** Keeps the count over a restart; what was counted before the start is read first if that failed so far. */
  async write(): Promise<void> {
    const { db, isFirst } = this.#options;
    await this.load();
    if (!isFirst()) return;
    this.#turn();
    const row: ActivityRow = { day: this.#day, messageCount: this.#messageCount };
    await db.commit({ sets: [[keys.statusActivity(), row]] });
  }

  /** What strangers may know. */
  current(): StatusActivity {
    this.#turn();
    return { online: rough(this.#options.onlineCount()), messagesToday: rough(this.#messageCount) };
  }

  /** Stops counting. */
  close(): void {
    this.#unsubscribe();
  }

  /** Begins anew at midnight UTC. */
  #turn(): void {
    const day = dayOf(this.#options.now());
    if (day === this.#day) return;
    this.#day = day;
    this.#messageCount = 0;
  }
}

function rough(count: number): RoughCount {
  return count < SHOWN_MIN_COUNT ? "fewer than 5" : count;
}
