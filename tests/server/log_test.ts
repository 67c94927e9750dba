import { describe, expect, it } from "vitest";
import { Log } from "../../server/log.ts";
import type { LogFormat, LogLevel } from "../../server/log.ts";

function logTo(lines: string[], format: LogFormat = "text", level: LogLevel = "info"): Log {
  return new Log({
    level,
    format,
    write: (line) => void lines.push(line),
    now: () => Date.parse("2030-01-31T12:00:00Z"),
  });
}

describe("log", () => {
  it("writes text or JSON, one line each", () => {
    const lines: string[] = [];
    logTo(lines).info("Listening", { port: 8000, publicUrl: null });
    logTo(lines, "json").warn("Disk is nearly full", { leftMiB: 12 });
    expect(lines).toEqual([
      "2030-01-31T12:00:00.000Z info  Listening port=8000 publicUrl=null",
      '{"at":"2030-01-31T12:00:00.000Z","level":"warn","message":"Disk is nearly full","leftMiB":12}',
    ]);
  });

  it("skips lines below its level", () => {
    const lines: string[] = [];
    const log = logTo(lines, "text", "warn");
    log.debug("a");
    log.info("b");
    log.warn("c");
    log.error("d");
    expect(lines).toHaveLength(2);
  });

  it("T42 prevents second lines, colours and changes of direction", () => {
    const evil = "x\r\n2030-01-31 error faked\u001b[31m\u0085\u2028\u202etxt.exe";
    for (const format of ["text", "json"] as const) {
      const lines: string[] = [];
      const log = logTo(lines, format);
      log.info(evil, { name: evil });
      log.error("Broken", new Error(evil));
      expect(lines).toHaveLength(2);
      for (const line of lines) {
        // deno-lint-ignore no-control-regex
        expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/);
      }
    }
    const lines: string[] = [];
    logTo(lines, "json").info(evil);
    expect(JSON.parse(lines[0] ?? "").message).toBe(evil);
  });

  it("shows an error with its cause, and keeps the process alive if a handler throws", () => {
    const lines: string[] = [];
    const log = logTo(lines);
    log.guard(() => {
      throw new Error("Cannot read", { cause: new TypeError("of undefined") });
    });
    expect(lines[0]).toMatch(
      /An event handler failed error=.*Cannot read.*caused by TypeError: of undefined/,
    );
  });
});
