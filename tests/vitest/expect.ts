import {
  addCustomEqualityTesters,
  ASYMMETRIC_MATCHERS_OBJECT,
  chai,
  ChaiStyleAssertions,
  customMatchers,
  getState,
  GLOBAL_EXPECT,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  setState,
  // deno-lint-ignore no-import-prefix -- test tool: kept out of deno.json, which every start fetches
} from "npm:@vitest/expect@5.1.1";
// deno-lint-ignore no-import-prefix -- test tool: kept out of deno.json, which every start fetches
import type { Assertion, ExpectStatic, PromisifyAssertion, Tester } from "npm:@vitest/expect@5.1.1";
import { pollUntil } from "./poll.ts";
import type { PollOptions } from "./poll.ts";

/** vitest's `expect`. */
export interface Expect extends ExpectStatic {
  /** Repeats `read` until the matcher passes, for 1 s by default. */
  poll: <T>(read: () => T, options?: PollOptions) => PromisifyAssertion<Awaited<T>>;
  /** Fails the test unless exactly this many assertions ran. */
  assertions: (count: number) => void;
  /** Fails the test unless an assertion ran. */
  hasAssertions: () => void;
  /** Fails when reached. */
  unreachable: (message?: string) => never;
  addEqualityTesters: (testers: Tester[]) => void;
}

/** The assertions of one test; vitest's packages write into the two lists. */
interface AssertionLog {
  readonly type: "test";
  readonly fullTestName: string;
  readonly promises: Promise<unknown>[];
  readonly onFinished: (() => void)[];
}

const REFUSED_IN_POLL = new Set(["resolves", "rejects", "throw", "throws", "toThrow", "toThrowError"]);

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(ChaiStyleAssertions);
chai.use(JestAsymmetricMatchers);

let log: AssertionLog | null = null;

function assertOn<T>(actual: T, message?: string): Assertion<void, T> {
  setState({ assertionCalls: getState(expect).assertionCalls + 1 }, expect);
  const assertion = chai.expect(actual, message) as unknown as Assertion<void, T>;
  // Only the plugins know it: it lets them detect assertions that were not awaited.
  if (log !== null) Reflect.get(assertion, "withTest").call(assertion, log);
  return assertion;
}

function poll<T>(read: () => T, options: PollOptions = {}): PromisifyAssertion<Awaited<T>> {
  const matchersOf = (isNot: boolean): object =>
    new Proxy({}, {
      get(_, key) {
        if (key === "then") return undefined;
        if (key === "not") return matchersOf(!isNot);
        if (typeof key === "symbol" || REFUSED_IN_POLL.has(key)) {
          throw new TypeError(`expect.poll does not support "${String(key)}"`);
        }
        return (...args: unknown[]) =>
          pollUntil(async () => {
            const assertion = assertOn(await read(), options.message);
            const matchers = isNot ? assertion.not : assertion;
            return await Reflect.get(matchers, key).apply(matchers, args);
          }, options);
      },
    });
  return matchersOf(false) as PromisifyAssertion<Awaited<T>>;
}

const asymmetric: object = Reflect.get(globalThis, ASYMMETRIC_MATCHERS_OBJECT);

/** Asserts on a value, with vitest's matchers. */
export const expect: Expect = Object.assign(assertOn, chai.expect, asymmetric, {
  poll,
  getState: () => getState(expect),
  setState: (state: Parameters<ExpectStatic["setState"]>[0]) => setState(state, expect),
  extend: (matchers: Parameters<ExpectStatic["extend"]>[0]): void => {
    // Defined by JestExtend, but missing from chai's types.
    Reflect.get(chai.expect, "extend").call(chai.expect, expect, matchers);
  },
  addEqualityTesters: (testers: Tester[]) => addCustomEqualityTesters(testers),
  assertions: (count: number) => setState({ expectedAssertionsNumber: count }, expect),
  hasAssertions: () => setState({ isExpectingAssertions: true }, expect),
  unreachable: (message = "expected this line not to be reached"): never => chai.assert.fail(message),
}) as Expect;

Object.defineProperty(globalThis, GLOBAL_EXPECT, { value: expect, writable: true, configurable: true });
resetState("");
expect.extend(customMatchers);

function resetState(currentTestName: string): void {
  setState({
    assertionCalls: 0,
    isExpectingAssertions: false,
    expectedAssertionsNumber: null,
    currentTestName,
  }, expect);
}

/** Tracks the assertions of one test; `settle` fails it for those that were not awaited or are missing. */
export function beginExpectations(testName: string): { settle(): Promise<void>; end(): void } {
  const own: AssertionLog = { type: "test", fullTestName: testName, promises: [], onFinished: [] };
  log = own;
  resetState(testName);
  return {
    async settle() {
      await Promise.all(own.promises);
      for (const check of own.onFinished) check();
      const { assertionCalls, expectedAssertionsNumber, isExpectingAssertions } = getState(expect);
      if (typeof expectedAssertionsNumber === "number" && expectedAssertionsNumber !== assertionCalls) {
        throw new Error(`expected ${expectedAssertionsNumber} assertions, got ${assertionCalls}`);
      }
      if (isExpectingAssertions === true && assertionCalls === 0) {
        throw new Error("expected at least one assertion");
      }
    },
    end() {
      log = null;
      resetState("");
    },
  };
}
