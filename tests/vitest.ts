/**
 * Imported by tests as "vitest": the same functions, with each `it` as a `Deno.test` named "a > b > c", so that
 * Deno's leak sanitizers check every single test. Matchers and spies come from vitest's own packages.
 */
export { afterAll, afterEach, beforeAll, beforeEach, onTestFinished } from "./vitest/suite.ts";
export { describe, it, test } from "./vitest/registration.ts";
export { expect } from "./vitest/expect.ts";
export { vi } from "./vitest/vi.ts";
export type { TestContext } from "./vitest/suite.ts";
export type { Expect } from "./vitest/expect.ts";
export type { Mock, MockInstance } from "./vitest/vi.ts";
