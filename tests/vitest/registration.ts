import { caseTitle } from "./case_title.ts";
import { addSuite, addTest, DEFAULT_TIMEOUT_MS } from "./suite.ts";
import type { Mode, TestBody, TestContext } from "./suite.ts";

/** Options of one test: a time limit, or an object. */
export interface TestOptions {
  readonly timeout?: number;
  readonly skip?: boolean;
  readonly only?: boolean;
}

interface AddTest {
  (name: string, body: TestBody, options?: number | TestOptions): void;
  (name: string, options: TestOptions, body: TestBody): void;
}

interface TestEach {
  <T extends unknown[] | [unknown]>(
    cases: readonly T[],
  ): (name: string, body: (...args: T) => unknown, options?: number | TestOptions) => void;
  <T>(cases: readonly T[]): (name: string, body: (arg: T) => unknown, options?: number | TestOptions) => void;
}

interface TestApi extends AddTest {
  readonly skip: AddTest;
  readonly only: AddTest;
  /** Lists a test that is not written yet as ignored. */
  readonly todo: (name: string) => void;
  readonly skipIf: (condition: unknown) => TestApi;
  readonly runIf: (condition: unknown) => TestApi;
  /** One test per case; arrays are spread into arguments. */
  readonly each: TestEach;
  /** One test per case; the first argument is the case, the second the context. */
  readonly for: <T>(
    cases: readonly T[],
  ) => (
    name: string,
    body: (arg: T, context: TestContext) => unknown,
    options?: number | TestOptions,
  ) => void;
}

type AddSuite = (name: string, body: () => void) => void;

interface SuiteEach {
  <T extends unknown[] | [unknown]>(
    cases: readonly T[],
  ): (name: string, body: (...args: T) => void) => void;
  <T>(cases: readonly T[]): (name: string, body: (arg: T) => void) => void;
}

interface SuiteApi extends AddSuite {
  readonly skip: AddSuite;
  readonly only: AddSuite;
  readonly todo: (name: string) => void;
  readonly skipIf: (condition: unknown) => SuiteApi;
  readonly runIf: (condition: unknown) => SuiteApi;
  readonly each: SuiteEach;
}

function modeOf(options: TestOptions, fallback: Mode): Mode {
  if (options.skip === true) return "skip";
  return options.only === true ? "only" : fallback;
}

function testAdder(mode: Mode): AddTest {
  return (name: string, first: TestBody | TestOptions, second?: TestBody | TestOptions | number): void => {
    const body = typeof first === "function" ? first : second;
    const given = typeof first === "function" ? second : first;
    if (typeof body !== "function") throw new TypeError(`Test "${name}" has no body`);
    const options: TestOptions = typeof given === "object" ? given : {};
    const timeoutMs = typeof given === "number" ? given : options.timeout ?? DEFAULT_TIMEOUT_MS;
    addTest({ name, body, timeoutMs, mode: modeOf(options, mode) });
  };
}

function argumentsOf(item: unknown): readonly unknown[] {
  return Array.isArray(item) ? item : [item];
}

function testApi(mode: Mode): TestApi {
  const add = testAdder(mode);
  const each = (cases: readonly unknown[]) =>
  (
    name: string,
    body: (...args: unknown[]) => unknown,
    options: number | TestOptions = {},
  ): void => {
    cases.forEach((item, index) => {
      const args = argumentsOf(item);
      add(caseTitle(name, args, index), () => body(...args), options);
    });
  };
  const forEachCase: TestApi["for"] = (cases) => (name, body, options = {}) => {
    cases.forEach((item, index) => {
      add(caseTitle(name, argumentsOf(item), index), (context) => body(item, context), options);
    });
  };
  return Object.assign(add, {
    todo: (name: string) => addTest({ name, body: () => {}, timeoutMs: DEFAULT_TIMEOUT_MS, mode: "skip" }),
    each: each as TestEach,
    for: forEachCase,
    skip: mode === "skip" ? add : testAdder("skip"),
    only: mode === "skip" ? add : testAdder("only"),
    skipIf: (condition: unknown) => condition ? testApi("skip") : testApi(mode),
    runIf: (condition: unknown) => condition ? testApi(mode) : testApi("skip"),
  });
}

function suiteApi(mode: Mode): SuiteApi {
  const add: AddSuite = (name, body) => addSuite(name, mode, body);
  const each = (cases: readonly unknown[]) => (name: string, body: (...args: unknown[]) => void): void => {
    cases.forEach((item, index) => {
      const args = argumentsOf(item);
      add(caseTitle(name, args, index), () => body(...args));
    });
  };
  return Object.assign(add, {
    todo: (name: string) =>
      addSuite(
        name,
        "skip",
        () => addTest({ name: "todo", body: () => {}, timeoutMs: DEFAULT_TIMEOUT_MS, mode: "skip" }),
      ),
    each: each as SuiteEach,
    skip: (name: string, body: () => void) => addSuite(name, "skip", body),
    only: (name: string, body: () => void) => addSuite(name, mode === "skip" ? "skip" : "only", body),
    skipIf: (condition: unknown) => condition ? suiteApi("skip") : suiteApi(mode),
    runIf: (condition: unknown) => condition ? suiteApi(mode) : suiteApi("skip"),
  });
}

/** Registers one test. */
export const it: TestApi = testApi("run");
/** The same as `it`. */
export const test: TestApi = it;
/** Groups tests under a name and gives them hooks. */
export const describe: SuiteApi = suiteApi("run");
