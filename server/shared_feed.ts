import { newSecret } from "../shared/ids.ts";
import type { OpenedDatabase } from "./kv/open_database.ts";
import type { Log } from "./log.ts";
import type { EventLogs } from "./streams/event_logs.ts";
import type { Feed } from "./streams/feed.ts";
import { InstanceRegistry } from "./streams/instance_registry.ts";
import { KvFeed } from "./streams/kv_feed.ts";
import type { FeedLoss } from "./streams/kv_feed.ts";
import { LocalFeed } from "./streams/local_feed.ts";

/** What connects an instance to others. */
export interface SharedFeedOptions {
  readonly database: OpenedDatabase;
  readonly log: Log;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
  /** Null makes a name up. */
  readonly instanceId: string | null;
  readonly onLost: (reason: FeedLoss) => void;
}

/** The feed of this instance and what it knows of others. */
export interface SharedFeed {
  readonly feed: Feed;
  /** How many instances live on the database, this one included. */
  instanceCount(): number;
  /** True for one instance of all. */
  isFirst(): boolean;
  /** False when this instance hears nothing of others any more. */
  isCurrent(): boolean;
  /** Begins to tell what others do, once everybody has subscribed. */
  listen(eventLogs: EventLogs): Promise<void>;
  stop(): Promise<void>;
}

/** Opens the feed that the database needs: a file has one process, an address may have many. */
export async function openFeed(options: SharedFeedOptions): Promise<SharedFeed> {
  const { database, log, now, onLost } = options;
  const { remote, db, epoch } = database;
  if (remote === null) return aloneOn(new LocalFeed());
  // Two processes with one name must not take each other's rows for their own.
  const instanceId = `${options.instanceId ?? "instance"}.${newSecret().slice(0, 8)}`;
  const registry = new InstanceRegistry({ db, instanceId, log, now });
  const openWatch = () => remote.openApart();
  const feed = new KvFeed({
    db,
    openWatch,
    instanceId,
    epoch,
    log,
    onLost,
    mayCollect: () => registry.isFirst,
    now,
  });
  remote.whenRenewed(() => feed.renew());
  await feed.open();
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
