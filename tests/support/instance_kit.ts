import type { RoomEvent } from "../../shared/event.ts";
import { CHANGES } from "../../server/changes.ts";
import type { Change, Notice } from "../../server/changes.ts";
import { CommitQueue, REMOTE_COMMITS } from "../../server/kv/commit_queue.ts";
import { keys } from "../../server/kv/keys.ts";
import { RemoteDatabase } from "../../server/kv/remote_database.ts";
import { Log } from "../../server/log.ts";
import { isRoomNotice } from "../../server/rooms/room_stream.ts";
import type { RoomEventLog } from "../../server/rooms/room_stream.ts";
import { EventLogs } from "../../server/streams/event_logs.ts";
import { KvFeed } from "../../server/streams/kv_feed.ts";
import type { Denokv } from "./denokv.ts";
import { roomsOn } from "./stream_kit.ts";

/** The streams of one instance on a KV Connect server, without sockets. */
export interface StreamInstance extends AsyncDisposable {
  readonly db: RemoteDatabase;
  readonly feed: KvFeed<Change>;
  readonly eventLog: RoomEventLog;
  /** Every event that reached this instance, in order of arrival. */
  readonly published: RoomEvent[];
  /** All other notices. */
  readonly notices: (Notice | Change)[];
  readonly lost: string[];
  /** How often all handles were replaced. */
  renewalCount(): number;
}

export interface StreamInstanceOptions {
  /** False disables the watch, so that other instances are only noticed by polling. */
  readonly isWatching?: boolean;
  /** Monotonic time in milliseconds. */
  readonly elapsed?: () => number;
  readonly callTimeoutMs?: number;
}

/** Starts the streams of one instance. */
export async function startStreams(
  kv: Denokv,
  instanceId: string,
  options: StreamInstanceOptions = {},
): Promise<StreamInstance> {
  const { isWatching = true, elapsed = () => performance.now(), callTimeoutMs = 5_000 } = options;
  const published: RoomEvent[] = [];
  const notices: (Notice | Change)[] = [];
  const lost: string[] = [];
  let renewals = 0;
  const db = new RemoteDatabase({ open: kv.open, callTimeoutMs });
  db.whenRenewed(() => {
    renewals++;
    feed.renew();
  });
  const epoch = (await db.get<string>(keys.epoch())).value ?? "first";
  if (epoch === "first") await db.commit({ sets: [[keys.epoch(), epoch]] });
  const feed = new KvFeed({
    db,
    openWatch: () => isWatching ? kv.open() : Promise.reject(new Error("This instance hears no bells")),
    instanceId,
    epoch,
    log: new Log({ level: "error", format: "text" }),
    onLost: (reason) => lost.push(reason),
    changes: CHANGES,
    mayCollect: () => true,
    elapsed,
  });
  feed.subscribe("deliver", (notice) => {
    if (isRoomNotice(notice)) published.push(...notice.events);
    else notices.push(notice.type === "changed" ? notice.change : notice);
  });
  const commits = new CommitQueue(db, REMOTE_COMMITS);
  const eventLogs = new EventLogs({ db, commits, feed, epoch });
  const eventLog = eventLogs.open(roomsOn(db));
  await feed.open();
  feed.listen((...heard) => eventLogs.observe(...heard));
  return {
    db,
    feed,
    eventLog,
    published,
    notices,
    lost,
    renewalCount: () => renewals,
    async [Symbol.asyncDispose]() {
      await eventLogs.drained();
      await feed.stop();
      await db.close();
    },
  };
}
