/** Why a device cannot be pushed to. */
export type PushObstacle = "insecure" | "home_screen" | "browser";

/** A subscription of this browser. */
export interface DeviceSubscription {
  readonly endpoint: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
  /** Whether it was made with this key, in base64url. */
  isFor(publicKey: string): boolean;
  /** Ends it at the push service. */
  end(): Promise<void>;
}

/** What this browser can do about pushes. */
export interface PushDevice {
  /** Null if there is none. */
  readonly obstacle: PushObstacle | null;
  permission(): NotificationPermission;
  /** Asks the user; call it while they click. */
  ask(): Promise<NotificationPermission>;
  find(): Promise<DeviceSubscription | null>;
  /** `publicKey` is base64url. Rejects if the push service cannot be reached. */
  subscribe(publicKey: string): Promise<DeviceSubscription>;
  /** Whether a notification of the worker with this tag is shown. */
  isShown(tag: string): Promise<boolean>;
  /** Takes back the worker's notifications with this tag, or all. */
  clear(tag?: string): Promise<void>;
}

/** A worker that is not there by then was forbidden. */
const WORKER_MS = 10_000;

/** Returns this browser. */
export function thisDevice(): PushDevice {
  const registered = () => navigator.serviceWorker.getRegistration();
  const shown = async (tag?: string) =>
    await (await registered())?.getNotifications(tag === undefined ? {} : { tag }) ?? [];
  return {
    obstacle: findObstacle(),
    permission: () => Notification.permission,
    ask: () => Notification.requestPermission(),
    find: async () => {
      const subscription = await (await registered())?.pushManager.getSubscription();
      return subscription ? subscriptionOf(subscription) : null;
    },
    subscribe: async (publicKey) => {
      const { pushManager } = await readyWorker();
      const applicationServerKey = bytesOf(publicKey);
      return subscriptionOf(await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey }));
    },
    isShown: async (tag) => (await shown(tag)).length > 0,
    clear: async (tag) => {
      for (const notification of await shown(tag)) notification.close();
    },
  };
}

function findObstacle(): PushObstacle | null {
  if (!isSecureContext) return "insecure";
  const hasAll = "serviceWorker" in navigator && "PushManager" in globalThis && "Notification" in globalThis;
  if (hasAll) return null;
  // iPads say that they are Macs.
  const isTouchMac = /\bMac OS X\b/.test(navigator.userAgent) && navigator.maxTouchPoints > 1;
  return isTouchMac || /\b(?:iPhone|iPad)\b/.test(navigator.userAgent) ? "home_screen" : "browser";
}

async function readyWorker(): Promise<ServiceWorkerRegistration> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("No service worker")), WORKER_MS);
  });
  try {
    return await Promise.race([navigator.serviceWorker.ready, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Reads base64url. */
function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const bytes = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(bytes, (character) => character.charCodeAt(0));
}

function subscriptionOf(subscription: PushSubscription): DeviceSubscription {
  const { endpoint, keys } = subscription.toJSON();
  return {
    endpoint: endpoint ?? subscription.endpoint,
    keys: { p256dh: keys?.["p256dh"] ?? "", auth: keys?.["auth"] ?? "" },
    isFor: (publicKey) => {
      const key = subscription.options.applicationServerKey;
      return key !== null && new Uint8Array(key).join() === bytesOf(publicKey).join();
    },
    end: async () => void await subscription.unsubscribe(),
  };
}
