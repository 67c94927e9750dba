import { effect } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { pause } from "../net/wait.ts";

/** Held by every tab that the user looks at. */
const LOOKED_AT = "parley looked at";
/** Other tabs hear of the same message within this time. */
const CLAIM_MS = 3_000;

/** What the tabs of a browser know of each other. */
export interface BrowserTabs extends Disposable {
  /** Whether the user looks at another tab of this browser. */
  isOtherLookedAt(): Promise<boolean>;
  /** Whether this tab is the first to do something. */
  isFirst(what: string): Promise<boolean>;
}

/** Follows by the browser's locks, which end with their tab; without locks, each tab is alone. */
export function followTabs(isAttentive: ReadonlySignal<boolean>): BrowserTabs {
  const locks = navigator.locks as LockManager | undefined;
  const stop = effect(() => {
    if (!isAttentive.value || locks === undefined) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    void locks.request(LOOKED_AT, { mode: "shared" }, () => promise);
    return resolve;
  });
  return {
    async isOtherLookedAt() {
      if (isAttentive.peek() || locks === undefined) return false;
      const { held = [] } = await locks.query();
      return held.some(({ name }) => name === LOOKED_AT);
    },
    isFirst(what) {
      if (locks === undefined) return Promise.resolve(true);
      return new Promise((resolve) => {
        void locks.request(`parley tells ${what}`, { ifAvailable: true }, async (lock) => {
          resolve(lock !== null);
          if (lock !== null) await pause(CLAIM_MS);
        });
      });
    },
    [Symbol.dispose]: stop,
  };
}
