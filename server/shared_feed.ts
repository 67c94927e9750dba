import { newSecret } from "../shared/ids.ts";
import { CHANGES } from "./changes.ts";
import type { Change, Feed } from "./changes.ts";
import type { OpenedDatabase } from "./kv/open_database.ts";
import type { Log } from "./log.ts";
import type { EventLogs } from "./streams/event_logs.ts";
import { InstanceRegistry } from "./streams/instance_registry.ts";
import { KvFeed } from "./streams/kv_feed.ts";
import type { FeedLoss } from "./streams/kv_feed.ts";
import { LocalFeed } from "./streams/local_feed.ts";

export interface SharedFeedOptions {
  readonly database: OpenedDatabase;
  readonly log: Log;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
  /** Null generates a name. */
  readonly instanceId: string | null;
  readonly onLost: (reason: FeedLoss) => void;
}

/** The feed of this instance, and what it knows of other instances. */
export interface SharedFeed {
  readonly feed: Feed;
  /** Number of running instances that share the database, including this one. */
  instanceCount(): number;
  /** True on exactly one of the instances. */
  isFirst(): boolean;
  /** False if this instance no longer receives the feed. */
  isCurrent(): boolean;
  /** Starts delivering what other instances do, once everyone has subscribed. */
  listen(eventLogs: EventLogs): Promise<void>;
  stop(): Promise<void>;
}

/** Opens the feed for this kind of database: a file has one process, a KV server may have several. */
export async function openFeed(options: SharedFeedOptions): Promise<SharedFeed> {
  const { database, log, now, onLost } = options;
  const { remote, db, epoch } = database;
  if (remote === null) return aloneOn(new LocalFeed<Change>());
  // Two processes of the same name must not take each other's rows for their own.
  const instanceId = `${options.instanceId ?? "instance"}.${newSecret().slice(0, 8)}`;
  const registry = new InstanceRegistry({ db, instanceId, log, now });
  const openWatch = () => remote.openApart();
  const feed = new KvFeed({
    db,
    openWatch,
    instanceId,
    epoch,
    log,
    changes: CHANGES,
    onLost,
    mayCollect: () => registry.isFirst,
    now,
  });
  remote.whenRenewed(() => feed.renew());
  try {
    await feed.open();
  } catch (error) {
    await feed.stop();
    throw error;
  }
  return {
    feed,
    instanceCount: () => registry.ids.length,
    isFirst: () => registry.isFirst,
    isCurrent: () => feed.isCurrent,
    async listen(eventLogs) {
      feed.listen((...heard) => eventLogs.observe(...heard));
      await registry.start();
      log.info("Listening to other instances", { instanceId, count: registry.ids.length });
    },
    async stop() {
      await registry.stop();
      await feed.stop();
    },
  };
}

function aloneOn(feed: Feed): SharedFeed {
  return {
    feed,
    instanceCount: () => 1,
    isFirst: () => true,
    isCurrent: () => true,
    listen: () => Promise.resolve(),
    stop: () => Promise.resolve(),
  };
}
