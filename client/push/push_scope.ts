import type { NoticeData } from "./push_notice.ts";

/** An event whose work keeps the worker alive. */
interface LongEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}

/** A push of the server. */
export interface PushedEvent extends LongEvent {
  readonly data: { text(): string } | null;
}

/** A notification that is shown, or was until the user clicked it. */
export interface WorkerNotification {
  readonly title: string;
  readonly body: string;
  readonly tag: string;
  readonly data: NoticeData | null;
  close(): void;
}

/** A click on a notification; `action` is "" for its body. */
export interface ClickedEvent extends LongEvent {
  readonly action: string;
  readonly notification: WorkerNotification;
}

/** The browser has replaced the subscription, or dropped it. */
export interface RenewedEvent extends LongEvent {
  readonly oldSubscription?: PushSubscription | null;
  readonly newSubscription?: PushSubscription | null;
}

/** An open page of this server. */
export interface WorkerPage {
  readonly url: string;
  readonly focused: boolean;
  readonly visibilityState: DocumentVisibilityState;
  focus(): Promise<unknown>;
  navigate(url: string): Promise<unknown>;
  postMessage(message: unknown, ports?: readonly MessagePort[]): void;
}

/** A message of a page. */
interface PageMessage extends LongEvent {
  readonly data: unknown;
  readonly ports: readonly MessagePort[];
}

/** What the service worker's part for pushes sees of its global scope; the types of pages lack it. */
export interface PushScope {
  readonly location: { readonly origin: string };
  readonly navigator: Pick<Navigator, "setAppBadge" | "clearAppBadge">;
  readonly clients: {
    matchAll(
      options: { readonly type: "window"; readonly includeUncontrolled: true },
    ): Promise<readonly WorkerPage[]>;
    openWindow(url: string): Promise<unknown>;
  };
  readonly registration: {
    readonly pushManager: Pick<PushManager, "subscribe" | "getSubscription">;
    showNotification(title: string, options: object): Promise<void>;
    getNotifications(filter?: { readonly tag: string }): Promise<readonly WorkerNotification[]>;
  };
  addEventListener(type: "push", listener: (event: PushedEvent) => void): void;
  addEventListener(type: "notificationclick", listener: (event: ClickedEvent) => void): void;
  addEventListener(type: "pushsubscriptionchange", listener: (event: RenewedEvent) => void): void;
  addEventListener(type: "message", listener: (event: PageMessage) => void): void;
}
