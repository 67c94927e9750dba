import type { UserId } from "../shared/ids.ts";
import { SIGNALS } from "../shared/signals.ts";
import { createAccountServices } from "./account_services.ts";
import type { ActorRights } from "./auth/authorize.ts";
import type { PasswordCost } from "./auth/password.ts";
import { RightsStore } from "./auth/rights_store.ts";
import type { CallTimes } from "./calls/call_keeper.ts";
import type { Config } from "./config.ts";
import { MediaServers } from "./calls/media_servers.ts";
import { createCalls } from "./create_calls.ts";
import { CommitQueue, FILE_COMMITS, REMOTE_COMMITS } from "./kv/commit_queue.ts";
import { FairDatabase, LOCAL_CALLS_COUNT, REMOTE_CALLS_COUNT } from "./kv/fair_database.ts";
import { KeyedMutex } from "./kv/keyed_mutex.ts";
import { IN_MEMORY } from "./kv/open_database.ts";
import type { OpenedDatabase } from "./kv/open_database.ts";
import type { Log } from "./log.ts";
import { MessageEvents } from "./messages/message_events.ts";
import { MessageReaderStore } from "./messages/message_reader_store.ts";
import { MessageStore } from "./messages/message_store.ts";
import { ConnectionRegistry } from "./net/connection_registry.ts";
import { RateLimiter } from "./net/rate_limit.ts";
import { WorkQueue } from "./net/work_queue.ts";
import { PresenceStore } from "./presence/presence_store.ts";
import { ReadReceipts } from "./rooms/read_receipts.ts";
import { RoomReaders } from "./rooms/room_readers.ts";
import { RoomStore } from "./rooms/room_store.ts";
import { roomStream } from "./rooms/room_stream.ts";
import { RoomsSubscription } from "./rooms/rooms_subscription.ts";
import { createPush } from "./create_push.ts";
import type { PushOverrides } from "./create_push.ts";
import type { Services } from "./services.ts";
import { SettingsBroadcaster } from "./settings/settings_broadcaster.ts";
import { SettingsStore } from "./settings/settings_store.ts";
import { openFeed } from "./shared_feed.ts";
import { componentsOf } from "./status/components.ts";
import { OwnerWarnings } from "./status/owner_warnings.ts";
import type { LastKnown } from "./status/copies/last_known.ts";
import { PublicStatus } from "./status/public_status.ts";
import { deliverEvents } from "./streams/delivery.ts";
import { EventLogs } from "./streams/event_logs.ts";
import { Hub } from "./streams/hub.ts";
import type { FeedLoss } from "./streams/kv_feed.ts";
import { Signals } from "./streams/signals.ts";
import { TypingStore } from "./typing/typing_store.ts";

export interface CreateServicesOptions {
  readonly config: Config;
  readonly log: Log;
  readonly database: OpenedDatabase;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
  /** The origin that people use to reach the server; only known once it listens. */
  readonly publicUrl: () => string;
  /** For storage that has not answered yet: what was known of the public status, if anything. Nothing is read then. */
  readonly withoutStorage?: { readonly lastKnown: LastKnown | null };
  /** A lower cost is for tests only. */
  readonly passwordCost?: PasswordCost;
  /** Shorter in tests. */
  readonly callTimes?: CallTimes | undefined;
  /** For tests only. */
  readonly push?: PushOverrides | undefined;
  /** Called when memory may differ from the database, which only happens with several instances. */
  readonly onLost?: (reason: FeedLoss) => void;
}

/** The services, and a way to close them. */
export interface CreatedServices {
  readonly services: Services;
  /** Stops listeners and timers; storage stays open. */
  close(): Promise<void>;
}

/** Creates everything that procedures use, once. */
export async function createServices(options: CreateServicesOptions): Promise<CreatedServices> {
  const { config, log, database, now, publicUrl, passwordCost, withoutStorage } = options;
  const { epoch } = database;
  const db = new FairDatabase(
    database.db,
    database.remote === null ? LOCAL_CALLS_COUNT : REMOTE_CALLS_COUNT,
  );
  const { instanceId } = config;
  const instances = await openFeed({ database, log, now, instanceId, onLost: options.onLost ?? (() => {}) });
  const { feed } = instances;
  const hub = new Hub();
  const signals = new Signals({ feed, hub, signals: Object.values(SIGNALS) });
  const messageReader = new MessageReaderStore(db);
  const commits = new CommitQueue(db, database.remote === null ? FILE_COMMITS : REMOTE_COMMITS);
  const eventLogs = new EventLogs({ db, commits, feed, epoch, now });
  const roomLog = eventLogs.open(roomStream({
    materialize: (roomId, rows) => messageReader.materialize(roomId, rows),
    lossOf: (roomId) => rooms.access.lossOf(roomId),
  }));
  const rooms: RoomStore = new RoomStore({ db, feed, roomLog, now });
  const accounts = createAccountServices({
    db,
    feed,
    log,
    rooms,
    publicUrl,
    now,
    ...(passwordCost === undefined ? {} : { passwordCost }),
  });
  const roleOf = async (userId: UserId) => {
    const user = await accounts.users.find(userId);
    return user === null || user.deactivatedAt !== null ? null : user.role;
  };
  const openPresence = withoutStorage === undefined ? PresenceStore.open : PresenceStore.openEmpty;
  const presence = await openPresence({
    db,
    feed,
    hub,
    signals,
    log,
    now,
    roleOf,
    neighboursOf: (userId) => rooms.members.neighboursOf(userId),
  }).catch(async (error) => {
    await instances.stop();
    throw error;
  });
  const settings = new SettingsStore({ db, feed });
  const settingsBroadcaster = new SettingsBroadcaster({ feed, hub, signals, settings });
  const roomsSubscription = new RoomsSubscription({
    feed,
    hub,
    signals,
    roomLog,
    rooms,
    defaultLevelOf: async (userId) => (await settings.get(userId)).level,
  });
  const rights = new RightsStore(db);
  const messages = new MessageStore({ db, roomLog, rooms, reader: messageReader, rights });
  const readReceipts = new ReadReceipts({
    rooms,
    showsReadState: async (userId) => (await settings.get(userId)).showReadState,
  });
  const roomReaders = new RoomReaders({ hub, feed, signals, access: rooms.access, roleOf });
  const messageEvents = new MessageEvents({
    roomLog,
    reader: messageReader,
    readers: roomReaders,
    access: rooms.access,
    feed,
  });
  const mediaServers = new MediaServers({ servers: config, now });
  const calls = createCalls({
    sfu: mediaServers.sfu,
    db,
    feed,
    roomLog,
    rooms,
    accounts: accounts.accounts,
    statusBot: accounts.statusBot,
    signals,
    roomsSubscription,
    presence,
    instances,
    log,
    now,
    times: options.callTimes,
  });
  const push = createPush({
    db,
    feed,
    config,
    log,
    rooms,
    users: accounts.users,
    settings,
    presence,
    messageReader,
    calls,
    summaries: roomsSubscription.summaries,
    now,
    overrides: options.push,
  });
  const stopRings = calls.onRing(push.calls);
  const typing = new TypingStore({ feed, signals, now });
  const connections = new ConnectionRegistry({ feed });
  const stopDelivery = deliverEvents({
    feed,
    hub,
    signals,
    epoch,
    kindOf: (name) => eventLogs.kindOf(name),
  });
  const status = new PublicStatus({
    db,
    feed,
    hub,
    eventLogs,
    definitions: componentsOf(config),
    log,
    now,
    isFirst: () => instances.isFirst(),
    isAlone: () => instances.instanceCount() === 1,
    workspaceOf: () => accounts.workspace.get(),
    rooms,
    bot: accounts.statusBot,
    sendAsBot: async (message) => {
      const bot: ActorRights = { userId: await accounts.statusBot.ensure(), role: "member", isBot: true };
      return await messages.send(bot, { ...message, replyTo: null });
    },
    publicUrl,
  });
  const services: Services = {
    ...accounts,
    config,
    log,
    db,
    feed,
    instances,
    hub,
    signals,
    eventLogs,
    roomLog,
    limits: new RateLimiter({ now }),
    work: new WorkQueue(),
    httpBatches: new KeyedMutex(),
    connections,
    rooms,
    roomsSubscription,
    messages,
    messageReader,
    messageEvents,
    readReceipts,
    roomReaders,
    presence,
    settings,
    push,
    calls,
    mediaServers,
    typing,
    status,
    ownerWarnings: new OwnerWarnings({
      publicUrl: config.publicUrl,
      dataDir: config.kvUrl === null && config.dataDir !== IN_MEMORY ? config.dataDir : null,
      log,
      now,
    }),
    caches: {
      logins: accounts.accounts.cache,
      room_access: rooms.access.cache,
      read_states: rooms.readStates.cache,
      settings: settings.cache,
      member_counts: rooms.members.cache,
      guests: presence.cache,
      heads: roomLog.cache,
      status_items: status.archive.items,
      status_months: status.archive.months,
    },
  };
  const close = async () => {
    await status.close();
    await eventLogs.drained();
    roomsSubscription.close();
    roomReaders.close();
    stopRings();
    await push.close();
    await calls.close();
    presence.close();
    typing.close();
    settingsBroadcaster.close();
    settings.close();
    connections.stop();
    stopDelivery();
    signals.close();
    rooms.close();
    accounts.accounts.close();
    // Last, because the parts above still announce that people have left.
    await instances.stop();
  };
  try {
    if (withoutStorage === undefined) await status.load();
    else status.loadLastKnown(withoutStorage.lastKnown);
    await instances.listen(eventLogs);
    if (withoutStorage === undefined) {
      await calls.load();
      await push.load(calls.rings());
    }
  } catch (error) {
    await close();
    throw error;
  }
  presence.askOthers();
  return { services, close };
}
