// deno-lint-ignore no-import-prefix -- test tool: kept out of deno.json, which every start fetches
import { withGlobal } from "npm:@sinonjs/fake-timers@15.5.0";
// deno-lint-ignore no-import-prefix -- test tool: kept out of deno.json, which every start fetches
import type { Clock, FakeMethod } from "npm:@sinonjs/fake-timers@15.5.0";

export interface FakeTimerOptions {
  readonly now?: number | Date;
  readonly toFake?: readonly FakeMethod[];
  readonly loopLimit?: number;
  readonly shouldAdvanceTime?: boolean;
}

const TO_FAKE: readonly FakeMethod[] = [
  "setTimeout",
  "clearTimeout",
  "setInterval",
  "clearInterval",
  "setImmediate",
  "clearImmediate",
  "Date",
  "performance",
];

const realDateNow = Date.now;
const timersOfGlobal = withGlobal(globalThis);
let clock: Clock | null = null;

function installed(): Clock {
  if (clock === null) throw new Error("Timers are not faked: call vi.useFakeTimers() first");
  return clock;
}

/** Replaces timers and the clock until `uninstallFakeTimers`. */
export function installFakeTimers(options: FakeTimerOptions = {}): void {
  clock?.uninstall();
  clock = timersOfGlobal.install({
    now: options.now ?? realDateNow(),
    toFake: [...(options.toFake ?? TO_FAKE)],
    loopLimit: options.loopLimit ?? 10_000,
    shouldAdvanceTime: options.shouldAdvanceTime ?? false,
    shouldClearNativeTimers: true,
    ignoreMissingTimers: true,
  });
}

/** Restores the real timers and drops all fake ones. */
export function uninstallFakeTimers(): void {
  clock?.uninstall();
  clock = null;
}

/** Whether timers are fake now. */
export function isFakeTimers(): boolean {
  return clock !== null;
}

/** Advances the fake clock and lets promises settle in between. */
export async function tickFakeTimers(ms: number): Promise<void> {
  await installed().tickAsync(ms);
}

/** Sets the time of `Date` without firing timers. */
export function setSystemTime(time: number | Date): void {
  installed().setSystemTime(time);
}

/** The rest of vitest's timer calls. */
export const timerCalls = {
  advanceTimersByTime: (ms: number): void => void installed().tick(ms),
  advanceTimersByTimeAsync: tickFakeTimers,
  advanceTimersToNextTimer: (): void => void installed().next(),
  advanceTimersToNextTimerAsync: async (): Promise<void> => void await installed().nextAsync(),
  runAllTimers: (): void => void installed().runAll(),
  runAllTimersAsync: async (): Promise<void> => void await installed().runAllAsync(),
  runOnlyPendingTimers: (): void => void installed().runToLast(),
  runOnlyPendingTimersAsync: async (): Promise<void> => void await installed().runToLastAsync(),
  clearAllTimers: (): void => installed().reset(),
  getTimerCount: (): number => installed().countTimers(),
  getMockedSystemTime: (): Date | null => clock === null ? null : new Date(clock.now),
  getRealSystemTime: (): number => realDateNow(),
};
