import { appPageAt } from "../../shared/app_pages.ts";
import { newId } from "../../shared/ids.ts";
import type { CallId, TabId } from "../../shared/ids.ts";
import { readPushPayload } from "../../shared/notify/push_payload.ts";
import type { Unread } from "../../shared/notify/unread.ts";
import { noticeOf } from "./push_notice.ts";
import type { ClickedEvent, PushScope, RenewedEvent, WorkerNotification, WorkerPage } from "./push_scope.ts";
import { OPENED_MESSAGE, readTakeBackMessage, readTellMessage, SHOWN_MESSAGE } from "./push_words.ts";
import type { OpenMessage } from "./push_words.ts";

/** A page that does not answer by then is none of a signed-in user. */
const ANSWER_MS = 2_000;
/** A page that asks later was opened for something else. */
const OPENED_FOR_MS = 60_000;

/** Shows what the server pushes, and does what the user clicks. */
export class PushWorker {
  readonly #scope: PushScope;
  /** One after the other, since each looks at what is shown. */
  #showing: Promise<unknown> = Promise.resolve();
  #openedFor: { readonly callId: CallId; readonly at: number } | null = null;

  constructor(scope: PushScope) {
    this.#scope = scope;
  }

  /** Follows the events of the worker; call it while its script first runs. */
  start(): void {
    const scope = this.#scope;
    scope.addEventListener("push", (event) => event.waitUntil(this.#showNext(event.data?.text() ?? "")));
    scope.addEventListener("notificationclick", (event) => event.waitUntil(this.#click(event)));
    scope.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(this.#renew(event)));
    scope.addEventListener("message", (event) => {
      const { data, ports } = event;
      if (data === OPENED_MESSAGE) ports[0]?.postMessage(this.#takeOpenedFor());
      const told = readTellMessage(data);
      if (told !== null) event.waitUntil(this.#showNext(told.payload));
      const takenBack = readTakeBackMessage(data);
      if (takenBack !== null) event.waitUntil(this.#closeRing(takenBack.tag));
    });
  }

  #showNext(text: string): Promise<unknown> {
    return this.#after(() => this.#show(text));
  }

  /** What was pushed meanwhile, such as a missed call, stays. */
  #closeRing(tag: string): Promise<unknown> {
    return this.#after(async () => {
      for (const shown of await this.#scope.registration.getNotifications()) {
        if (shown.tag === tag && shown.data?.kind === "call") shown.close();
      }
    });
  }

  #after(act: () => Promise<void>): Promise<unknown> {
    return this.#showing = this.#showing.catch(() => {}).then(act);
  }

  async #show(text: string): Promise<void> {
    const { registration } = this.#scope;
    const [pages, shown] = await Promise.all([this.#pages(), registration.getNotifications()]);
    const notice = noticeOf(readPushPayload(text), {
      shown,
      isSeen: pages.some(({ visibilityState }) => visibilityState === "visible"),
      nowMs: Date.now(),
    });
    await registration.showNotification(notice.title, notice.options);
    for (const one of shown) if (notice.close.includes(one.tag)) one.close();
    for (const page of pages) page.postMessage(SHOWN_MESSAGE);
    if (notice.unread !== null) await this.#setBadge(notice.unread);
  }

  async #click({ action, notification }: ClickedEvent): Promise<void> {
    notification.close();
    const { data } = notification;
    const callId = data?.callId ?? null;
    if (action === "decline" && callId !== null) await this.#decline(notification, callId);
    else await this.#open({ type: "open", url: data?.url ?? "/", callId });
  }

  async #decline({ title, tag, data }: WorkerNotification, callId: CallId): Promise<void> {
    const input = { tabId: newId<TabId>(), callId, reason: "declined" };
    if (await this.#post("calls.decline", input)) return;
    const body = "The call could not be declined.";
    await this.#scope.registration.showNotification(title, { body, tag, data, silent: true });
  }

  /** Moves an open page there, or opens one. */
  async #open(message: OpenMessage): Promise<void> {
    const pages = (await this.#pages()).filter(({ url }) => appPageAt(new URL(url).pathname) !== null);
    const page = pages.find(({ focused }) => focused) ?? pages[0];
    // The browser may refuse it, or have closed the page just now.
    await page?.focus().catch(() => {});
    if (page !== undefined && await asksToOpen(page, message)) return;
    if (message.callId !== null) this.#openedFor = { callId: message.callId, at: Date.now() };
    const url = this.#scope.location.origin + message.url;
    const open = () => this.#scope.clients.openWindow(url);
    await (page === undefined ? open() : page.navigate(url).catch(open));
  }

  async #renew({ oldSubscription, newSubscription }: RenewedEvent): Promise<void> {
    const applicationServerKey = oldSubscription?.options.applicationServerKey;
    // Without the key, the page does it when it opens next.
    if (!newSubscription && !applicationServerKey) return;
    const { endpoint, keys } = (newSubscription ?? await this.#scope.registration.pushManager.subscribe({
      userVisibleOnly: true,
      applicationServerKey: applicationServerKey ?? null,
    })).toJSON();
    await this.#post("push.subscribe", { subscription: { endpoint, keys } });
  }

  /** Calls a mutation; resolves with whether the server did it. */
  async #post(path: string, input: unknown): Promise<boolean> {
    try {
      const answer = await fetch(`/trpc/${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(input),
      });
      await answer.body?.cancel();
      return answer.ok;
    } catch {
      return false;
    }
  }

  #pages(): Promise<readonly WorkerPage[]> {
    return this.#scope.clients.matchAll({ type: "window", includeUncontrolled: true });
  }

  async #setBadge({ ownCount, hasMore }: Unread): Promise<void> {
    const { navigator } = this.#scope;
    // Firefox has none, and others refuse it where the app is not installed.
    const isSet = ownCount > 0 || hasMore;
    await (isSet ? navigator.setAppBadge?.(ownCount || undefined) : navigator.clearAppBadge?.())
      ?.catch(() => {});
  }

  #takeOpenedFor(): CallId | null {
    const wanted = this.#openedFor;
    this.#openedFor = null;
    return wanted !== null && Date.now() - wanted.at < OPENED_FOR_MS ? wanted.callId : null;
  }
}

/** Resolves with whether the page has taken the message. */
function asksToOpen(page: WorkerPage, message: OpenMessage): Promise<boolean> {
  const { port1, port2 } = new MessageChannel();
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), ANSWER_MS);
  port1.onmessage = () => resolve(true);
  page.postMessage(message, [port2]);
  return promise.finally(() => {
    clearTimeout(timer);
    port1.close();
  });
}
