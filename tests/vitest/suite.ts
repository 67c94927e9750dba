import { beginExpectations } from "./expect.ts";
import { withDeadline } from "./real_timers.ts";

/** Time limit of tests that set none. */
export const DEFAULT_TIMEOUT_MS = 30_000;
const HOOK_TIMEOUT_MS = 60_000;
/** Deno's own limit is later than ours: it can also end a loop that never yields, but skips our hooks. */
const HARD_LIMIT_EXTRA_MS = 15_000;

/** Passed to tests and hooks. */
export interface TestContext {
  /** Aborts when the test exceeds its time limit. */
  readonly signal: AbortSignal;
  /** Adds a step that runs after the test and its afterEach hooks, last added first. */
  readonly onTestFinished: (step: () => unknown) => void;
}

export type TestBody = (context: TestContext) => unknown;
type EachHook = (context: TestContext) => unknown;
type AllHook = () => unknown;

interface Hook<Fn> {
  readonly fn: Fn;
  readonly timeoutMs: number;
}

/** A describe block; the root represents the file. */
export interface Suite {
  readonly name: string;
  readonly parent: Suite | null;
  readonly mode: Mode;
  readonly beforeAll: Hook<AllHook>[];
  readonly afterAll: Hook<AllHook>[];
  readonly beforeEach: Hook<EachHook>[];
  readonly afterEach: Hook<EachHook>[];
  /** Number of tests that will run; without any, its hooks do not run either. */
  runnable: number;
  /** Why its beforeAll failed, if it did. */
  failure: { readonly error: unknown } | null;
}

export type Mode = "run" | "skip" | "only";

/** What `it` passes to registration. */
export interface TestCase {
  readonly name: string;
  readonly mode: Mode;
  readonly body: TestBody;
  readonly timeoutMs: number;
}

const root = newSuite("", null, "run");
const suites: Suite[] = [root];
let current = root;
let running: TestContext | null = null;
let areAllHooksRegistered = false;

function newSuite(name: string, parent: Suite | null, mode: Mode): Suite {
  return {
    name,
    parent,
    mode,
    beforeAll: [],
    afterAll: [],
    beforeEach: [],
    afterEach: [],
    runnable: 0,
    failure: null,
  };
}

function lineage(suite: Suite): Suite[] {
  const path: Suite[] = [];
  for (let at: Suite | null = suite; at !== null; at = at.parent) path.unshift(at);
  return path;
}

/** Collects what `body` registers under a name. */
export function addSuite(name: string, mode: Mode, body: () => void): void {
  const suite = newSuite(name, current, current.mode === "run" ? mode : current.mode);
  suites.push(suite);
  current = suite;
  try {
    const result: unknown = body();
    if (result instanceof Promise) throw new TypeError(`The body of describe "${name}" must not be async`);
  } finally {
    current = suite.parent ?? root;
  }
}

/** Registers a test with Deno, named after all blocks around it. */
export function addTest(test: TestCase): void {
  if (running !== null) throw new Error(`Test "${test.name}" is registered inside a running test`);
  const suite = current;
  const path = lineage(suite);
  const mode = suite.mode === "skip" ? "skip" : test.mode === "run" ? suite.mode : test.mode;
  const name = [...path.slice(1).map((at) => at.name), test.name].join(" > ");
  if (mode !== "skip") { for (const at of path) at.runnable += 1; }
  Deno.test({
    name,
    ignore: mode === "skip",
    only: mode === "only",
    timeout: test.timeoutMs + HARD_LIMIT_EXTRA_MS,
    fn: () => runTest(name, path, test),
  });
}

async function runTest(name: string, path: Suite[], test: TestCase): Promise<void> {
  for (const suite of path) if (suite.failure !== null) throw suite.failure.error;
  const failures: unknown[] = [];
  const lastSteps: (() => unknown)[] = [];
  const controller = new AbortController();
  const context: TestContext = {
    signal: controller.signal,
    onTestFinished: (step) => void lastSteps.unshift(step),
  };
  const attempt = async (work: () => unknown, limitMs: number, what: string) => {
    const late = () => new Error(`${what} timed out after ${limitMs} ms`);
    try {
      await withDeadline(work, limitMs, late);
    } catch (error) {
      failures.push(error);
      controller.abort(error);
    }
  };
  const expectations = beginExpectations(name);
  running = context;
  const started: Suite[] = [];
  await attempt(
    async () => {
      for (const suite of path) {
        started.unshift(suite);
        for (const hook of suite.beforeEach) {
          const undo = await hook.fn(context);
          if (typeof undo === "function") lastSteps.unshift(() => undo());
        }
      }
      await test.body(context);
      await expectations.settle();
    },
    test.timeoutMs,
    "Test",
  );
  for (const suite of started) {
    for (const hook of suite.afterEach.toReversed()) {
      await attempt(() => hook.fn(context), hook.timeoutMs, "An afterEach hook");
    }
  }
  for (const step of lastSteps) await attempt(step, HOOK_TIMEOUT_MS, "An onTestFinished step");
  running = null;
  expectations.end();
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new AggregateError(failures, `${failures.length} failures`);
}

// Deno runs these outside the sanitizers of single tests, so that what beforeAll opens does not count as a leak of
// the first test. Therefore every beforeAll of a file runs before its first test, not just before its own block.
function registerAllHooks(): void {
  if (areAllHooksRegistered) return;
  areAllHooksRegistered = true;
  Deno.test.beforeAll(setUpSuites);
  Deno.test.afterAll(tearDownSuites);
}

async function setUpSuites(): Promise<void> {
  for (const suite of suites) {
    if (suite.runnable === 0) continue;
    suite.failure = suite.parent?.failure ?? null;
    for (const hook of suite.beforeAll) {
      if (suite.failure !== null) break;
      try {
        const undo = await runAllHook(hook, "A beforeAll hook");
        if (typeof undo === "function") suite.afterAll.push({ fn: () => undo(), timeoutMs: hook.timeoutMs });
      } catch (error) {
        suite.failure = { error };
      }
    }
  }
}

async function tearDownSuites(): Promise<void> {
  const failures: unknown[] = [];
  for (const suite of suites.toReversed()) {
    if (suite.runnable === 0) continue;
    for (const hook of suite.afterAll.toReversed()) {
      await runAllHook(hook, "An afterAll hook").catch((error) => failures.push(error));
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, "An afterAll hook failed");
}

function runAllHook(hook: Hook<AllHook>, what: string): Promise<unknown> {
  return withDeadline(
    hook.fn,
    hook.timeoutMs,
    () => new Error(`${what} timed out after ${hook.timeoutMs} ms`),
  );
}

/** Runs once before the tests of this block, at the start of the file. */
export function beforeAll(fn: AllHook, timeoutMs: number = HOOK_TIMEOUT_MS): void {
  registerAllHooks();
  current.beforeAll.push({ fn, timeoutMs });
}

/** Runs once after the tests of this block, at the end of the file. */
export function afterAll(fn: AllHook, timeoutMs: number = HOOK_TIMEOUT_MS): void {
  registerAllHooks();
  current.afterAll.push({ fn, timeoutMs });
}

/** Runs before each test of this block; if it returns a function, that runs after the test. */
export function beforeEach(fn: EachHook, timeoutMs: number = HOOK_TIMEOUT_MS): void {
  current.beforeEach.push({ fn, timeoutMs });
}

/** Runs after each test of this block, even if the test failed. */
export function afterEach(fn: EachHook, timeoutMs: number = HOOK_TIMEOUT_MS): void {
  current.afterEach.push({ fn, timeoutMs });
}

/** Adds a step that runs after the current test. */
export function onTestFinished(step: () => unknown): void {
  if (running === null) throw new Error("onTestFinished may only be called inside a test");
  running.onTestFinished(step);
}
