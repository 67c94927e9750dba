/**
 * What tests import as "vitest": the same calls, each `it` one `Deno.test` named "a > b > c", so that Deno's
 * leak sanitizers watch every single test. Matchers and spies are vitest's own packages.
 */
export { afterAll, afterEach, beforeAll, beforeEach, onTestFinished } from "./vitest/suite.ts";
export { describe, it, test } from "./vitest/registration.ts";
export { expect } from "./vitest/expect.ts";
export { vi } from "./vitest/vi.ts";
export type { TestContext } from "./vitest/suite.ts";
export type { Expect } from "./vitest/expect.ts";
export type { Mock, MockInstance } from "./vitest/vi.ts";
