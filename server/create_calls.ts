import { CallBoard } from "./calls/call_board.ts";
import type { CallTimes } from "./calls/call_keeper.ts";
import { CallRowStore } from "./calls/call_row_store.ts";
import { CallStore } from "./calls/call_store.ts";
import { Calls } from "./calls/calls.ts";
import { SfuKeeper } from "./calls/sfu_keeper.ts";
import type { SfuRooms } from "./calls/sfu_rooms.ts";
import type { Services } from "./services.ts";

/** The services that calls are made of. */
type CallServices = Pick<
  Services,
  | "db"
  | "feed"
  | "roomLog"
  | "rooms"
  | "accounts"
  | "statusBot"
  | "signals"
  | "roomsSubscription"
  | "presence"
  | "instances"
  | "log"
>;

export interface CreateCallsOptions extends CallServices {
  /** For calls that do not fit a mesh; null if there is none. */
  readonly sfu: SfuRooms | null;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
  /** Shorter in tests. */
  readonly times?: CallTimes | undefined;
}

/** Creates the calls of this instance. */
export function createCalls(options: CreateCallsOptions): Calls {
  const { db, feed, roomLog, rooms, accounts, signals, roomsSubscription, presence, instances, log } =
    options;
  const { sfu, now, times, statusBot } = options;
  const elapsed = () => performance.now();
  const board = new CallBoard(elapsed);
  const rows = new CallRowStore({ db, feed, roomLog, board, now });
  const isFirst = () => instances.isFirst();
  const sfuKeeper = sfu === null ? null : new SfuKeeper({ sfu, board, rows, isFirst, log });
  const store = new CallStore({
    rows,
    board,
    members: rooms.members,
    statusBot,
    isOnline: (userId) => presence.statusOf(userId) !== "offline",
    hasSfu: () => sfuKeeper?.isThere ?? false,
    now,
  });
  const { summaries } = roomsSubscription;
  const isCurrent = () => instances.isCurrent();
  return new Calls({
    board,
    rows,
    store,
    sfuKeeper,
    feed,
    signals,
    rooms,
    accounts,
    summaries,
    isCurrent,
    log,
    now,
    elapsed,
    times,
  });
}
