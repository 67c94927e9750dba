// deno-lint-ignore no-import-prefix -- test tool: kept out of deno.json, which every start fetches
import * as spies from "npm:@vitest/spy@5.1.1";
// deno-lint-ignore no-import-prefix -- test tool: kept out of deno.json, which every start fetches
import type { Constructable, MaybeMocked, Procedure } from "npm:@vitest/spy@5.1.1";
import {
  installFakeTimers,
  isFakeTimers,
  setSystemTime,
  timerCalls,
  uninstallFakeTimers,
} from "./fake_timers.ts";
import type { FakeTimerOptions } from "./fake_timers.ts";
import { pollUntil } from "./poll.ts";
import type { PollOptions } from "./poll.ts";

export type { Mock, MockInstance } from "npm:@vitest/spy@5.1.1";

const replacedGlobals = new Map<PropertyKey, PropertyDescriptor | undefined>();

function stubGlobal(name: PropertyKey, value: unknown): void {
  if (!replacedGlobals.has(name)) {
    replacedGlobals.set(name, Object.getOwnPropertyDescriptor(globalThis, name));
  }
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: true });
}

function unstubAllGlobals(): void {
  for (const [name, original] of replacedGlobals) {
    if (original === undefined) Reflect.deleteProperty(globalThis, name);
    else Object.defineProperty(globalThis, name, original);
  }
  replacedGlobals.clear();
}

async function waitUntil<T>(
  condition: () => T | PromiseLike<T>,
  options: number | PollOptions = {},
): Promise<T> {
  const limits = typeof options === "number" ? { timeout: options } : options;
  return await pollUntil(async () => {
    const value = await condition();
    if (!value) throw new Error(limits.message ?? "Timed out in waitUntil: the condition stayed false");
    return value;
  }, limits);
}

async function waitFor<T>(attempt: () => T | PromiseLike<T>, options: number | PollOptions = {}): Promise<T> {
  return await pollUntil(attempt, typeof options === "number" ? { timeout: options } : options);
}

/** vitest's `vi`, without replacing modules: tests here use the real parts. */
export const vi = {
  fn: spies.fn,
  spyOn: spies.spyOn,
  isMockFunction: spies.isMockFunction,
  mocked: <T extends Procedure | Constructable | object>(value: T): MaybeMocked<T> => value as MaybeMocked<T>,
  restoreAllMocks: spies.restoreAllMocks,
  clearAllMocks: spies.clearAllMocks,
  resetAllMocks: spies.resetAllMocks,
  ...timerCalls,
  isFakeTimers,
  useFakeTimers: (options?: FakeTimerOptions): void => installFakeTimers(options),
  useRealTimers: uninstallFakeTimers,
  setSystemTime,
  stubGlobal,
  unstubAllGlobals,
  waitFor,
  waitUntil,
};
