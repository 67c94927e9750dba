import { AppError } from "../../shared/errors.ts";
import type { SessionId, UserId } from "../../shared/ids.ts";
import { notFound } from "../auth/authorize.ts";
import { pushAddress } from "./push_hosts.ts";
import type { PushPayload } from "../../shared/notify/push_payload.ts";
import type { CallPushes, PushedRing } from "./call_pushes.ts";
import type { MessagePushes } from "./message_pushes.ts";
import type { PushClaimStore } from "./push_claim_store.ts";
import type { PushSender } from "./push_sender.ts";
import type { PushSubscriptionStore, PushTarget } from "./push_subscription_store.ts";
import type { ToldPeople } from "./told_people.ts";
import type { VapidStore } from "./vapid_store.ts";

export interface PushOptions {
  readonly subscriptions: PushSubscriptionStore;
  readonly vapid: VapidStore;
  readonly sender: PushSender;
  readonly people: ToldPeople;
  readonly claims: PushClaimStore;
  readonly messages: MessagePushes;
  readonly calls: CallPushes;
  /** Names of push services; none turns push off. */
  readonly hosts: readonly string[];
}

const TEST: PushPayload = {
  kind: "test",
  tag: "test",
  title: "Parley",
  body: "Notifications work on this device",
  url: "/",
  close: [],
};

/** Notifications on devices on which no page is open. */
export class Push {
  readonly subscriptions: PushSubscriptionStore;
  readonly sender: PushSender;
  readonly calls: CallPushes;
  readonly #options: PushOptions;

  constructor(options: PushOptions) {
    this.#options = options;
    this.subscriptions = options.subscriptions;
    this.sender = options.sender;
    this.calls = options.calls;
  }

  /**
   * Makes the pair of keys, unless there is one, learns who has a subscription, and finds what was left to send.
   * `rings` are those that go on.
   */
  async load(rings: readonly PushedRing[]): Promise<void> {
    if (this.#options.hosts.length === 0) return;
    await this.#options.vapid.load();
    await this.subscriptions.load();
    const left = await this.#options.claims.left();
    this.#options.messages.restore(left);
    for (const ring of rings) this.calls.started(ring);
    this.calls.restore(left);
  }

  /** Returns the key with which browsers subscribe; null where push is off. */
  async key(): Promise<{ readonly publicKey: string | null }> {
    if (this.#options.hosts.length === 0) return { publicKey: null };
    return { publicKey: (await this.#options.vapid.load()).publicKey };
  }

  /** Stores a session's subscription. Throws `wrong_state` if push is off, and `push_host_refused`. */
  async subscribe(actor: SessionActor, target: PushTarget, signal?: AbortSignal): Promise<void> {
    const { hosts } = this.#options;
    if (hosts.length === 0) throw new AppError("wrong_state", "Push notifications are off on this server");
    if (pushAddress(target.endpoint, hosts) === null) {
      throw new AppError(
        "push_host_refused",
        "This server sends nothing to the push service of this browser",
      );
    }
    await this.subscriptions.subscribe(actor.userId, requireSession(actor), target, signal);
  }

  /** Sends a notification to the device of a session. Throws `not_found` if it has no subscription. */
  async test(actor: SessionActor): Promise<void> {
    const sessionId = requireSession(actor);
    const devices = await this.subscriptions.devicesOf(actor.userId);
    const device = devices.find((each) => each.sessionId === sessionId);
    if (device === undefined) throw notFound();
    this.sender.send([device], TEST, { topic: "test", ttlSeconds: 60, urgency: "high" });
  }

  /** Stops what waits to be sent. */
  async close(): Promise<void> {
    const closed = Promise.all([this.#options.messages.close(), this.calls.close()]);
    await this.sender.close();
    await closed;
    this.#options.people.close();
    this.subscriptions.close();
  }
}

/** Whose session it is; null with a token. */
interface SessionActor {
  readonly userId: UserId;
  readonly sessionId: SessionId | null;
}

function requireSession({ sessionId }: SessionActor): SessionId {
  if (sessionId === null) throw new AppError("not_allowed", "Sign in to do this, a token is not enough");
  return sessionId;
}
