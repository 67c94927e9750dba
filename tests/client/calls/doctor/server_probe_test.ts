import { createSocket } from "node:dgram";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ATTRIBUTES, decodeStun, encodeStun } from "../../../../server/net/stun_message.ts";
import type { TestBrowser } from "../../../support/browser.ts";
import { openCallBrowser } from "../../../support/call_browser.ts";
import { serveComponentPage } from "../../../support/component_page.ts";
import type { ComponentPage } from "../../../support/component_page.ts";
import type { ProbePage } from "./ProbePage.tsx";

const UNAUTHORIZED = 401;

let browser: TestBrowser;
let parts: ComponentPage;

beforeAll(async () => {
  parts = await serveComponentPage("tests/client/calls/doctor/ProbePage.tsx");
  browser = await openCallBrowser();
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await parts[Symbol.asyncDispose]();
});

/** A relay that asks for credentials, and answers whoever has some with this error. */
async function openRefusingRelay(code: number): Promise<AsyncDisposable & { readonly port: number }> {
  const socket = createSocket("udp4");
  socket.on("message", (bytes, { port, address }) => {
    const request = decodeStun(bytes);
    if (request?.class !== "request") return;
    const answered = request.attributes.has(ATTRIBUTES.username) ? code : UNAUTHORIZED;
    const encoder = new TextEncoder();
    socket.send(
      encodeStun({
        method: request.method,
        class: "error",
        transactionId: request.transactionId,
        attributes: [
          [ATTRIBUTES.errorCode, Uint8Array.of(0, 0, Math.floor(answered / 100), answered % 100)],
          [ATTRIBUTES.realm, encoder.encode("parley.test")],
          [ATTRIBUTES.nonce, encoder.encode(`nonce-${crypto.randomUUID()}`)],
        ],
        key: null,
      }),
      port,
      address,
    );
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return {
    port: socket.address().port,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => socket.close(() => resolve())),
  };
}

describe("a probe of a relay", () => {
  it("tells wrong credentials from a relay that is full, or has another error", async () => {
    await using profile = await browser.openProfile();
    const page = await profile.openPage(parts.url);
    await page.waitForFunction(() => "probes" in globalThis);
    for (
      const [code, state] of [
        [401, "refuses"],
        [441, "refuses"],
        [438, "stale"],
        [486, "full"],
        [508, "full"],
        [403, "fails"],
        [500, "fails"],
      ] as const
    ) {
      await using relay = await openRefusingRelay(code);
      const found = await page.evaluate(
        (url) => (globalThis as unknown as { probes: ProbePage }).probes.probe(url, true),
        `turn:127.0.0.1:${relay.port}?transport=udp`,
      );
      expect(found).toMatchObject({ state, errorCode: code });
    }
  }, 60_000);
});
