import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { earlyStart } from "./early_start.ts";
import type { Fetch } from "./transport.ts";
import type { NetPlatform } from "./live_connection.ts";
import { tabStorage } from "./transport_choice.ts";

/** The state of the tab and the device, followed until `stop`. */
export interface FollowedBrowser {
  readonly isVisible: ReadonlySignal<boolean>;
  readonly isDeviceOnline: ReadonlySignal<boolean>;
  /** True from a key press or a click until a frame shows its effect. */
  readonly isInputWaiting: () => boolean;
  readonly stop: () => void;
}

/** Follows whether the tab is visible, the device has a network and a key press waits to be shown. */
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
  let inputCount = 0;
  let shownCount = 0;
  const onInput = () => {
    const count = ++inputCount;
    onNextFrame(() => setTimeout(() => shownCount = count));
  };
  for (const type of ["keydown", "pointerdown"]) {
    globalThis.addEventListener(type, onInput, { signal: abort.signal, capture: true, passive: true });
  }
  const isInputWaiting = () => shownCount < inputCount;
  return { isVisible, isDeviceOnline, isInputWaiting, stop: () => abort.abort() };
}

/** How long to wait for a frame from a browser that is not hidden but draws none. */
const FRAME_PATIENCE_MS = 250;

/** Returns the browser's own parts. The first dial is the one the page has already begun, if any. */
export function browserPlatform(followed: FollowedBrowser): NetPlatform {
  const { isVisible, isDeviceOnline, isInputWaiting } = followed;
  return {
    dial: (url) => earlyStart().takeSocket() ?? new WebSocket(url),
    EventSource: globalThis.EventSource,
    fetch: browserFetch,
    locks: globalThis.navigator?.locks,
    storage: tabStorage(),
    isVisible,
    isDeviceOnline,
    isInputWaiting,
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
