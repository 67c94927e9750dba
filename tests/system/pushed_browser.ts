import type { PushPayload } from "../../shared/notify/push_payload.ts";
import type { Profile, TestBrowser } from "../support/browser.ts";
import type { Person, TestApp } from "../support/test_app.ts";
import type { Subscription } from "../support/push_service.ts";
import { seat } from "./people_kit.ts";
import type { Screen } from "./screen.ts";

/** What a notification shows. */
export interface ShownNotice {
  readonly title: string;
  readonly body: string;
  readonly tag: string;
  readonly silent: boolean | null;
}

type Session = Awaited<ReturnType<Profile["context"]["newCDPSession"]>>;

/** Gives a page this subscription in place of one of the browser's push service, which no test can reach. */
export async function replacePushService({ page }: Screen, subscription: Subscription): Promise<void> {
  await page.addInitScript(({ endpoint, keys }) => {
    let current: object | null = null;
    PushManager.prototype.getSubscription = () => Promise.resolve(current as PushSubscription | null);
    PushManager.prototype.subscribe = (options) => {
      const key = options?.applicationServerKey as Uint8Array<ArrayBuffer>;
      current = {
        endpoint,
        options: { applicationServerKey: key.buffer },
        toJSON: () => ({ endpoint, expirationTime: null, keys }),
        unsubscribe: () => Promise.resolve(current = null),
      };
      return Promise.resolve(current as PushSubscription);
    };
  }, subscription);
  await page.reload();
}

/** A browser that a push service has something for. */
export class PushedBrowser implements AsyncDisposable {
  readonly screen: Screen;
  readonly #session: Session;
  readonly #registrationId: string;
  readonly #origin: string;

  private constructor(screen: Screen, { session, registrationId, origin }: {
    readonly session: Session;
    readonly registrationId: string;
    readonly origin: string;
  }) {
    this.screen = screen;
    this.#session = session;
    this.#registrationId = registrationId;
    this.#origin = origin;
  }

  /** Opens the chat with a service worker that may show notifications. */
  static async open(
    browser: TestBrowser,
    { app, person }: { readonly app: TestApp; readonly person: Person },
  ): Promise<PushedBrowser> {
    const screen = await seat(browser, { app, person }, {
      serviceWorkers: "allow",
      permissions: ["notifications"],
    });
    const { page } = screen;
    const session = await page.context().newCDPSession(page);
    const found = Promise.withResolvers<string>();
    session.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      const id = registrations.find(({ scopeURL }) => scopeURL.startsWith(app.url))?.registrationId;
      if (id !== undefined) found.resolve(id);
    });
    await session.send("ServiceWorker.enable");
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => {}));
    return new PushedBrowser(screen, { session, registrationId: await found.promise, origin: app.url });
  }

  /** Hands the worker what a push service would. */
  async push(payload: PushPayload | string): Promise<void> {
    await this.#session.send("ServiceWorker.deliverPushMessage", {
      origin: this.#origin,
      registrationId: this.#registrationId,
      data: typeof payload === "string" ? payload : JSON.stringify(payload),
    });
  }

  /** The notifications of the worker. */
  shown(): Promise<ShownNotice[]> {
    return this.screen.page.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready;
      return (await registration.getNotifications()).map(({ title, body, tag, silent }) => ({
        title,
        body,
        tag,
        silent,
      }));
    });
  }

  /** Hides the page as far as it can tell: a browser without a window cannot. */
  async hide(): Promise<void> {
    await this.screen.page.evaluate(() => {
      Object.defineProperty(document, "visibilityState", { get: () => "hidden", configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    });
  }

  /** The address of the icon that the tab shows. */
  icon(): Promise<string> {
    return this.screen.page.evaluate(() =>
      document.querySelector<HTMLLinkElement>("link[rel=icon]")?.href ?? ""
    );
  }

  /** Clicks a notification, or one of its buttons, as the browser would tell the worker. */
  async click(tag: string, action = ""): Promise<void> {
    const [worker] = this.screen.page.context().serviceWorkers();
    await worker?.evaluate(async ([clicked, what]) => {
      const scope = globalThis as unknown as { readonly registration: ServiceWorkerRegistration };
      const [notification] = await scope.registration.getNotifications({ tag: clicked });
      const work: Promise<unknown>[] = [];
      const waitUntil = (one: Promise<unknown>) => void work.push(one);
      const event = new Event("notificationclick");
      globalThis.dispatchEvent(Object.assign(event, { notification, action: what, waitUntil }));
      await Promise.all(work);
    }, [tag, action] as const);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.screen[Symbol.asyncDispose]();
  }
}
