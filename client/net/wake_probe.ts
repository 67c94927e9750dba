/** Events that trigger a probe. */
export interface WakeSources {
  readonly window: Pick<EventTarget, "addEventListener" | "removeEventListener">;
  readonly document: Pick<Document, "addEventListener" | "removeEventListener" | "visibilityState">;
  readonly now: () => number;
}

/** Why the device may have slept or changed its network. */
export type WakeReason = "timer_gap" | "visible" | "focus" | "online" | "pageshow";

const TICK_MS = 2_000;
/** A timer this late means that the device slept. */
const GAP_MS = 4_000;

/** Calls back whenever an open connection may be dead; the returned function stops. */
export function watchForWake(sources: WakeSources, onWake: (reason: WakeReason) => void): () => void {
  const { window, document, now } = sources;
  let lastTickAt = now();
  const timer = setInterval(() => {
    const at = now();
    if (at - lastTickAt > TICK_MS + GAP_MS) onWake("timer_gap");
    lastTickAt = at;
  }, TICK_MS);
  const onVisibility = () => {
    if (document.visibilityState === "visible") onWake("visible");
  };
  const onFocus = () => onWake("focus");
  const onOnline = () => onWake("online");
  const onPageShow = () => onWake("pageshow");
  document.addEventListener("visibilitychange", onVisibility);
  window.addEventListener("focus", onFocus);
  window.addEventListener("online", onOnline);
  window.addEventListener("pageshow", onPageShow);
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", onVisibility);
    window.removeEventListener("focus", onFocus);
    window.removeEventListener("online", onOnline);
    window.removeEventListener("pageshow", onPageShow);
  };
}
