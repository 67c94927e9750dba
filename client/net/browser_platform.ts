import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { earlyStart } from "./early_start.ts";
import type { Fetch } from "./transport.ts";
import type { NetPlatform } from "./live_connection.ts";
import { tabStorage } from "./transport_choice.ts";

/** What the browser tells of the tab and the device, until `stop`. */
export interface FollowedBrowser {
  readonly isVisible: ReadonlySignal<boolean>;
  readonly isDeviceOnline: ReadonlySignal<boolean>;
  readonly stop: () => void;
}

/** Follows whether the tab can be seen and the device has a network. */
export function followBrowser(): FollowedBrowser {
  const isVisible = signal(true);
  const isDeviceOnline = signal(true);
  const look = () => {
    isVisible.value = document.visibilityState === "visible";
    isDeviceOnline.value = navigator.onLine;
  };
  look();
  const abort = new AbortController();
  document.addEventListener("visibilitychange", look, { signal: abort.signal });
  globalThis.addEventListener("online", look, { signal: abort.signal });
  globalThis.addEventListener("offline", look, { signal: abort.signal });
  return { isVisible, isDeviceOnline, stop: () => abort.abort() };
}

/** A browser that draws no frame for this long, and does not say that the tab is hidden, is not waited for. */
const FRAME_PATIENCE_MS = 250;

/** Gives the browser's own parts; the first dial is the one that the page has begun, if it has. */
export function browserPlatform({ isVisible, isDeviceOnline }: FollowedBrowser): NetPlatform {
  return {
    dial: (url) => earlyStart().takeSocket() ?? new WebSocket(url),
    EventSource: globalThis.EventSource,
    fetch: browserFetch,
    locks: globalThis.navigator?.locks,
    storage: tabStorage(),
    isVisible,
    isDeviceOnline,
    onFrame: onNextFrame,
    now: Date.now,
    random: Math.random,
  };
}

/** The browser's `fetch` as tRPC declares it. */
export const browserFetch: Fetch = (input, init) => globalThis.fetch(input as string, init as RequestInit);

function onNextFrame(callback: () => void): void {
  const frame = requestAnimationFrame(() => {
    clearTimeout(timer);
    callback();
  });
  const timer = setTimeout(() => {
    cancelAnimationFrame(frame);
    callback();
  }, FRAME_PATIENCE_MS);
}
