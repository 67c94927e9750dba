import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";

const CONFIG = `${import.meta.dirname}/../deno.json`;

interface ChildRun {
  readonly code: number;
  readonly output: string;
}

/** Runs a test file of its own with this project's settings. */
async function runTests(body: string): Promise<ChildRun> {
  const folder = await Deno.makeTempDir();
  onTestFinished(() => Deno.remove(folder, { recursive: true }));
  const file = `${folder}/sample_test.ts`;
  const imports = "afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi";
  await Deno.writeTextFile(file, `import { ${imports} } from "vitest";\n${body}`);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--no-lock", "--no-check", "--config", CONFIG, file],
    env: { NO_COLOR: "1" },
    stdin: "null",
  });
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, output: decoder.decode(stdout) + decoder.decode(stderr) };
}

describe("a run of tests", () => {
  it("passes with one Deno test for each it, named by its blocks", async () => {
    const { code, output } = await runTests(`
      describe("a", () => {
        describe("b", () => it("c", () => expect(1).toBe(1)));
        it.each([[1, 2], [2, 3]])("%i comes before %i", (low, high) => expect(low + 1).toBe(high));
      });`);
    expect(output).toContain("a > b > c ... ok");
    expect(output).toContain("a > 1 comes before 2 ... ok");
    expect(output).toContain("3 passed | 0 failed");
    expect(code).toBe(0);
  });

  it("fails for a wrong expectation and says what was expected", async () => {
    const { code, output } = await runTests(`it("wrong", () => expect({ a: 1 }).toEqual({ a: 2 }));`);
    expect(output).toContain("expected { a: 1 } to deeply equal { a: 2 }");
    expect(code).toBe(1);
  });

  it("fails for a leaked timer and for a leaked resource", async () => {
    const { code, output } = await runTests(`
      it("timer", () => void setInterval(() => {}, 1000));
      it("listener", () => void Deno.listen({ port: 0 }));`);
    expect(output).toContain("timer ... FAILED");
    expect(output).toContain("listener ... FAILED");
    expect(output).toContain("0 passed | 2 failed");
    expect(code).toBe(1);
  });

  it("fails for a promise that stays open and for a hanging hook", async () => {
    const { code, output } = await runTests(`
      it("open", () => new Promise(() => {}), 50);
      describe("hook", () => {
        afterEach(() => new Promise(() => {}), 60);
        it("body", () => {});
      });
      it("next", () => {});`);
    expect(output).toContain("Test timed out after 50 ms");
    expect(output).toContain("An afterEach hook timed out after 60 ms");
    expect(output).toContain("next ... ok");
    expect(code).toBe(1);
  });

  it("fails for an assertion that nobody awaited", async () => {
    const { code, output } = await runTests(`
      it("floating", () => { expect(Promise.resolve(1)).resolves.toBe(1); });`);
    expect(output).toContain("was not awaited");
    expect(code).toBe(1);
  });

  it("fails for fewer assertions than announced", async () => {
    const { code, output } = await runTests(`it("few", () => { expect.assertions(2); expect(1).toBe(1); });`);
    expect(output).toContain("expected 2 assertions, got 1");
    expect(code).toBe(1);
  });

  it("cleans up after a failure and fails only the block whose beforeAll failed", async () => {
    const { code, output } = await runTests(`
      let listener;
      describe("cleaned", () => {
        beforeEach(() => { listener = Deno.listen({ port: 0 }); });
        afterEach(() => listener.close());
        it("fails", () => { throw new Error("own"); });
        it("passes", () => {});
      });
      describe("broken", () => {
        beforeAll(() => { throw new Error("no database"); });
        it("cannot run", () => {});
      });`);
    expect(output).toContain("cleaned > passes ... ok");
    expect(output).toContain("no database");
    expect(output).toContain("1 passed | 2 failed");
    expect(code).toBe(1);
  });

  it("skips what is skipped and refuses a forgotten only", async () => {
    // Only texts, run as a file of their own: nothing in this file is skipped.
    const skipped = await runTests(`
      it.skip("a, to show that it does not run", () => { throw new Error("ran"); });
      it.skipIf(true)("b, to show that it does not run", () => { throw new Error("ran"); });
      describe.skip("c, to show that nothing in it runs", () => { it.only("d, nor this", () => { throw new Error("ran"); }); });
      it.runIf(true)("e", () => {});`);
    expect(skipped.output).toContain("1 passed | 0 failed | 3 ignored");
    const only = await runTests(
      `it.only("a, a sample of what is refused", () => {}); it("b", () => { throw new Error("ran"); });`,
    );
    expect(only.output).toContain("1 passed | 0 failed");
    expect(only.code).toBe(1);
  });
});

describe("hooks", () => {
  const steps: string[] = [];
  let listener: Deno.Listener | null = null;
  beforeAll(() => {
    listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  });
  afterAll(() => listener?.close());
  beforeEach(() => {
    steps.push("outer");
    return () => steps.push("undo outer");
  });
  afterEach(() => void steps.push("after outer"));

  describe("inside", () => {
    beforeEach(() => void steps.push("inner"));
    afterEach(() => void steps.push("after inner"));
    it("run from the outside in", ({ onTestFinished }) => {
      onTestFinished(() => void steps.push("finished"));
      expect(steps).toEqual(["outer", "inner"]);
    });
  });

  it("then from the inside out", () => {
    expect(steps).toEqual([
      ...["outer", "inner", "after inner", "after outer", "finished", "undo outer"],
      "outer",
    ]);
  });

  it("let a resource of beforeAll live over all tests", () => {
    expect(listener?.addr.transport).toBe("tcp");
  });
});

describe("vi", () => {
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });

  it("moves faked time", async () => {
    vi.useFakeTimers({ now: new Date("2026-01-02T03:04:05Z") });
    const fired = vi.fn();
    const timer = setInterval(fired, 1000);
    await vi.advanceTimersByTimeAsync(3000);
    clearInterval(timer);
    expect(fired).toHaveBeenCalledTimes(3);
    expect(new Date().toISOString()).toBe("2026-01-02T03:04:08.000Z");
    vi.setSystemTime(0);
    expect(Date.now()).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("waits in real time while timers are faked", async () => {
    vi.useFakeTimers();
    let isDone = false;
    setTimeout(() => {
      isDone = true;
    }, 100);
    await vi.waitUntil(() => isDone);
    await vi.waitFor(() => expect(isDone).toBe(true));
    await expect(vi.waitUntil(() => false, { timeout: 20, interval: 5 })).rejects.toThrow("stayed false");
  });

  it("polls until a matcher passes", async () => {
    let count = 0;
    await expect.poll(() => ++count, { interval: 1 }).toBe(4);
    await expect.poll(() => Promise.resolve(++count), { interval: 1 }).not.toBe(5);
    expect(count).toBe(6);
    await expect(expect.poll(() => 1, { timeout: 10 }).toBe(2)).rejects.toThrow("expected 1 to be 2");
  });

  it("spies and restores", () => {
    const target = { add: (a: number, b: number) => a + b };
    const spy = vi.spyOn(target, "add").mockReturnValue(7);
    expect(target.add(1, 1)).toBe(7);
    expect(spy).toHaveBeenCalledWith(1, 1);
    vi.restoreAllMocks();
    expect(target.add(1, 1)).toBe(2);
    vi.stubGlobal("navigator", { onLine: false });
    expect(navigator.onLine).toBe(false);
    vi.unstubAllGlobals();
    expect(navigator.onLine).not.toBe(false);
  });

  it("takes own matchers", () => {
    expect.extend({
      toBeEven: (value: number) => ({ pass: value % 2 === 0, message: () => `${value} is odd` }),
    });
    const matchers: object = expect(2);
    expect(() => Reflect.get(matchers, "toBeEven").call(matchers)).not.toThrow();
    expect(() => Reflect.get(expect(3), "toBeEven").call(expect(3))).toThrow("3 is odd");
  });
});
