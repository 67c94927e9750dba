import type { AccountServices } from "./account_services.ts";
import type { Feed } from "./changes.ts";
import type { Calls } from "./calls/calls.ts";
import type { MediaServers } from "./calls/media_servers.ts";
import type { Database } from "./kv/database.ts";
import type { KeyedMutex } from "./kv/keyed_mutex.ts";
import type { CacheStats } from "./kv/read_cache.ts";
import type { ConnectionRegistry } from "./net/connection_registry.ts";
import type { Log } from "./log.ts";
import type { Config } from "./config.ts";
import type { MessageEvents } from "./messages/message_events.ts";
import type { MessageReaderStore } from "./messages/message_reader_store.ts";
import type { MessageStore } from "./messages/message_store.ts";
import type { Push } from "./push/push.ts";
import type { RateLimiter } from "./net/rate_limit.ts";
import type { WorkQueue } from "./net/work_queue.ts";
import type { ReadReceipts } from "./rooms/read_receipts.ts";
import type { RoomReaders } from "./rooms/room_readers.ts";
import type { RoomStore } from "./rooms/room_store.ts";
import type { RoomEventLog } from "./rooms/room_stream.ts";
import type { RoomsSubscription } from "./rooms/rooms_subscription.ts";
import type { PresenceStore } from "./presence/presence_store.ts";
import type { SettingsStore } from "./settings/settings_store.ts";
import type { SharedFeed } from "./shared_feed.ts";
import type { OwnerWarnings } from "./status/owner_warnings.ts";
import type { PublicStatus } from "./status/public_status.ts";
import type { EventLogs } from "./streams/event_logs.ts";
import type { Hub } from "./streams/hub.ts";
import type { Signals } from "./streams/signals.ts";
import type { TypingStore } from "./typing/typing_store.ts";

/** Everything that procedures use, created once and passed down; there are no globals. */
export interface Services extends AccountServices {
  readonly config: Config;
  readonly log: Log;
  readonly db: Database;
  readonly feed: Feed;
  readonly instances: SharedFeed;
  readonly hub: Hub;
  readonly signals: Signals;
  /** The logs of all kinds of streams. */
  readonly eventLogs: EventLogs;
  /** The log of rooms. */
  readonly roomLog: RoomEventLog;
  readonly limits: RateLimiter;
  readonly work: WorkQueue;
  /** Builds the answers of one HTTP batch per account at a time, because each is in memory several times. */
  readonly httpBatches: KeyedMutex;
  readonly connections: ConnectionRegistry;
  readonly rooms: RoomStore;
  readonly roomsSubscription: RoomsSubscription;
  readonly messages: MessageStore;
  readonly messageReader: MessageReaderStore;
  readonly messageEvents: MessageEvents;
  readonly readReceipts: ReadReceipts;
  readonly roomReaders: RoomReaders;
  readonly calls: Calls;
  readonly mediaServers: MediaServers;
  readonly presence: PresenceStore;
  readonly settings: SettingsStore;
  readonly push: Push;
  readonly typing: TypingStore;
  readonly status: PublicStatus;
  readonly ownerWarnings: OwnerWarnings;
  /** Caches by name, for `/metrics`. */
  readonly caches: Readonly<Record<string, CacheStats>>;
}
