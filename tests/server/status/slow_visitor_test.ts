import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import type { EventResponse } from "../../../server/status/status_sse.ts";
import { PUBLIC_OPEN_MAX_COUNT, SLOW_CONSUMER_BYTES } from "../../../shared/limits.ts";
import { testApp } from "../../support/test_app.ts";

/** A response whose reader takes nothing until it is told to. */
class HeldResponse extends Writable implements EventResponse {
  /** Names of the events so far, without figures, which come at any time. */
  readonly names: string[] = [];
  #waiting: (() => void) | null = null;
  #isHeld = true;

  writeHead(): void {}

  flushHeaders(): void {}

  release(): void {
    this.#isHeld = false;
    this.#waiting?.();
  }

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    for (const [, name = ""] of new TextDecoder().decode(chunk).matchAll(/^event: (\w+)$/gm)) {
      if (name !== "metrics") this.names.push(name);
    }
    if (this.#isHeld) this.#waiting = done;
    else done();
  }
}

describe("a visitor who takes a replay slowly", () => {
  it("gets all of it, then what happens, and never much more than fits", async () => {
    await using app = await testApp();
    const { incidents, announcements } = app.services.status;
    // As markup each character takes five times its size.
    const text = "&".repeat(2_000);
    for (let count = 0; count < PUBLIC_OPEN_MAX_COUNT; count++) {
      const id = await incidents.open({ title: "Late", text, components: [] }, app.owner.id);
      for (let more = 1; more < 8; more++) {
        await incidents.update({ id, state: "investigating", text }, app.owner.id);
      }
    }
    const response = new HeldResponse();
    const answered = app.server.sse.answer({
      response,
      subject: "somebody",
      headers: {},
      lastEventId: `${app.services.roomLog.epoch}.0`,
      since: null,
    });
    expect(response.writableLength).toBeLessThan(SLOW_CONSUMER_BYTES);
    await announcements.announce({ text: "Hi", level: "info" }, app.owner.id);
    expect(response.writableLength).toBeLessThan(SLOW_CONSUMER_BYTES);
    response.release();
    await expect.poll(() => response.names.at(-1)).toBe("announcement");
    const wanted = [...Array.from({ length: PUBLIC_OPEN_MAX_COUNT }, () => "incident"), "announcement"];
    expect(response.names).toEqual(wanted);
    response.destroy();
    await answered;
  });
});
