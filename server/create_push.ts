import type { Feed } from "./changes.ts";
import type { Config } from "./config.ts";
import type { Database } from "./kv/database.ts";
import type { Log } from "./log.ts";
import { Push } from "./push/push.ts";
import { PushSender } from "./push/push_sender.ts";
import { PushSubscriptionStore } from "./push/push_subscription_store.ts";
import { VapidStore } from "./push/vapid_store.ts";

/** What tests replace. */
export interface PushOverrides {
  /** Reaches push services. */
  readonly fetch?: typeof fetch;
  /** Waits between attempts, in milliseconds. */
  readonly retryAfterMs?: readonly number[];
}

export interface CreatePushOptions {
  readonly db: Database;
  readonly feed: Feed;
  readonly config: Config;
  readonly log: Log;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
  readonly overrides: PushOverrides | undefined;
}

/** Creates what sends notifications to devices on which no page is open. */
export function createPush({ db, feed, config, log, now, overrides = {} }: CreatePushOptions): Push {
  const hosts = config.pushHosts;
  const vapid = new VapidStore(db);
  const subscriptions = new PushSubscriptionStore({ db, feed, now });
  const sender = new PushSender({
    loadKeys: () => vapid.load(),
    // Push is off without it.
    subject: config.publicUrl ?? "",
    hosts,
    fetch: overrides.fetch ?? fetch,
    onGone: (device) => subscriptions.remove(device),
    log,
    now,
    retryAfterMs: overrides.retryAfterMs,
  });
  return new Push({ subscriptions, vapid, sender, hosts });
}
