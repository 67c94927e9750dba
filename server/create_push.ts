import type { RoomId, UserId } from "../shared/ids.ts";
import { countUnread } from "../shared/notify/unread.ts";
import type { Unread } from "../shared/notify/unread.ts";
import { CallPushes } from "./push/call_pushes.ts";
import { MessagePushes } from "./push/message_pushes.ts";
import { StatusTextStore } from "./presence/status_text_store.ts";
import { Push } from "./push/push.ts";
import { PushClaimStore } from "./push/push_claim_store.ts";
import { PushSender } from "./push/push_sender.ts";
import { PushSubscriptionStore } from "./push/push_subscription_store.ts";
import { ShownStore } from "./push/shown_store.ts";
import { ToldPeople } from "./push/told_people.ts";
import { VapidStore } from "./push/vapid_store.ts";
import type { RoomSummaryCache } from "./rooms/room_summary_cache.ts";
import type { Services } from "./services.ts";

/** What tests replace. */
export interface PushOverrides {
  /** Reaches push services. */
  readonly fetch?: typeof fetch;
  /** Waits between attempts, in milliseconds. */
  readonly retryAfterMs?: readonly number[];
  /** How long the claim of an instance lasts that was killed, in milliseconds. */
  readonly claimMs?: number;
}

export interface CreatePushOptions extends
  Pick<
    Services,
    "db" | "feed" | "config" | "log" | "rooms" | "users" | "settings" | "presence" | "messageReader" | "calls"
  > {
  readonly summaries: RoomSummaryCache;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
  readonly overrides: PushOverrides | undefined;
}

/** Creates what sends notifications to devices on which no page is open. */
export function createPush(options: CreatePushOptions): Push {
  const { db, feed, config, log, now, overrides = {} } = options;
  const { rooms, users, settings, presence, messageReader, calls, summaries } = options;
  const hosts = config.pushHosts;
  const vapid = new VapidStore(db);
  const subscriptions = new PushSubscriptionStore({ db, feed, now });
  const sender = new PushSender({
    loadKeys: () => vapid.load(),
    // Push is off without it.
    subject: config.publicUrl ?? "",
    hosts,
    fetch: overrides.fetch ?? fetch,
    isValid: (device) => subscriptions.isValid(device),
    onGone: (device) => subscriptions.remove(device),
    log,
    now,
    retryAfterMs: overrides.retryAfterMs,
  });
  const statusTexts = new StatusTextStore({ db, feed, now });
  const settingsOf = (userId: UserId) => settings.get(userId);
  const messageAt = (roomId: RoomId, offset: number) => messageReader.get(roomId, offset);
  const people = new ToldPeople({
    rooms,
    subscriptions,
    settingsOf,
    messageAt,
    doNotDisturb: async (userId) => (await statusTexts.find(userId))?.doNotDisturb ?? false,
    isActive: (userId) => presence.statusOf(userId) === "online",
    now,
  });
  const claims = new PushClaimStore({ db, now, isShared: feed.isShared, claimMs: overrides.claimMs });
  const nameOf = async (userId: UserId) => (await users.find(userId))?.name ?? "Somebody";
  const unread = (userId: UserId) => unreadOf(summaries, userId, now());
  const messages = new MessagePushes({
    feed,
    rooms,
    subscriptions,
    people,
    sender,
    claims,
    shown: new ShownStore(db),
    settingsOf,
    nameOf,
    messageAt,
    unreadOf: unread,
    log,
    now,
  });
  const callPushes = new CallPushes({
    rooms,
    subscriptions,
    people,
    sender,
    claims,
    settingsOf,
    nameOf,
    unreadOf: unread,
    isConnected: (userId, sessionId) => presence.isConnected(userId, sessionId),
    isRunning: (callId) => calls.isRunning(callId),
    log,
    now,
  });
  return new Push({ subscriptions, vapid, sender, people, claims, messages, calls: callPushes, hosts });
}

/** Counts what is unread, as an open page does. */
async function unreadOf(summaries: RoomSummaryCache, userId: UserId, nowMs: number): Promise<Unread> {
  await summaries.hold(userId);
  try {
    return countUnread(summaries.of(userId), nowMs);
  } finally {
    summaries.release(userId);
  }
}
