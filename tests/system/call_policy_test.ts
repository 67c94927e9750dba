import { describe, expect, it } from "vitest";
import { securityHeaders } from "../../server/net/security_headers.ts";
import { openBrowser } from "../support/browser.ts";
import type { Page, TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import { testApp } from "../support/test_app.ts";
import { waitFor } from "../support/wait.ts";

/** What a call needs of the browser. */
const CALL_FEATURES = [
  "camera",
  "microphone",
  "display-capture",
  "autoplay",
  "fullscreen",
  "picture-in-picture",
  "screen-wake-lock",
  "speaker-selection",
];
const UNNEEDED_FEATURES = ["geolocation", "usb", "serial", "hid", "midi", "payment", "gyroscope"];
const COMPLAINT_PATTERN = /permissions.policy|unrecognized feature|feature.policy/i;

/** What Chromium says about the headers of a page, at any level. */
async function complaintsAbout(browser: TestBrowser, url: string): Promise<string[]> {
  await using profile = await browser.openProfile();
  const said: string[] = [];
  profile.context.on("console", (message) => void said.push(message.text()));
  const page = await profile.openPage();
  const session = await profile.context.newCDPSession(page);
  session.on("Log.entryAdded", ({ entry }) => void said.push(entry.text));
  await session.send("Log.enable");
  await page.goto(url);
  // Lines arrive in order, so this one is behind those about the headers.
  // deno-lint-ignore no-console parley/no-console -- runs in the page
  await page.evaluate(() => console.info("the last line"));
  await waitFor(() => said.includes("the last line"), { what: "the console is read" });
  return said.filter((text) => COMPLAINT_PATTERN.test(text));
}

/** Serves an empty page with these headers. */
function servePage(headers: Headers): { readonly url: string } & AsyncDisposable {
  headers.set("Content-Type", "text/html");
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response('<!doctype html><link rel="icon" href="data:,">', { headers }),
  );
  return { url: `http://127.0.0.1:${server.addr.port}/`, [Symbol.asyncDispose]: () => server.shutdown() };
}

/** Which of these features a page may use. */
async function allowed(page: Page, features: readonly string[]): Promise<string[]> {
  return await page.evaluate((names) => {
    const { featurePolicy } = document as unknown as {
      featurePolicy: { allowsFeature(name: string): boolean };
    };
    return names.filter((name) => featurePolicy.allowsFeature(name));
  }, features);
}

describe("headers of our pages in a real Chromium", () => {
  it("allow what calls need and nothing else, without a word about it on the console", async () => {
    await using app = await testApp({ files: await builtClient() });
    await using browser = await openBrowser();
    expect((await complaintsAbout(browser, app.url)).join("\n")).toBe("");
    await using profile = await browser.openProfile();
    const page = await profile.openPage(app.url);
    expect(await allowed(page, CALL_FEATURES)).toEqual(CALL_FEATURES);
    expect(await allowed(page, UNNEEDED_FEATURES)).toEqual([]);
  }, 60_000);

  it("would be complained about otherwise, which this test would see", async () => {
    const headers = new Headers(
      securityHeaders({ isHttps: false }).map(([name, value]): [string, string] => [name, value]),
    );
    headers.set("Permissions-Policy", `${headers.get("Permissions-Policy")}, no-such-feature=()`);
    await using served = servePage(headers);
    await using browser = await openBrowser();
    expect((await complaintsAbout(browser, served.url)).join("\n")).toContain("no-such-feature");
  }, 60_000);

  it("let pages connect to the LiveKit server that is configured, and to no other", async () => {
    const liveKit = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
      if (request.headers.get("upgrade") !== "websocket") {
        return new Response("ok", { headers: { "Access-Control-Allow-Origin": "*" } });
      }
      const { socket, response } = Deno.upgradeWebSocket(request);
      socket.onopen = () => socket.close();
      return response;
    });
    const host = `127.0.0.1:${liveKit.addr.port}`;
    const secret = "thirty-two-characters-or-more-of-it";
    await using app = await testApp({
      files: await builtClient(),
      config: { liveKit: { url: `ws://${host}`, key: "parley", secret } },
    });
    await using other = await testApp({ files: await builtClient() });
    await using browser = await openBrowser();
    for (const [url, isConfigured] of [[app.url, true], [other.url, false]] as const) {
      await using profile = await browser.openProfile();
      profile.allowProblems(/Policy connect-src|Content Security Policy|violates/);
      const page = await profile.openPage(url);
      const reach = (address: string) =>
        page.evaluate(async (address) => {
          if (address.startsWith("http")) {
            return await fetch(address).then((answer) => answer.ok, () => false);
          }
          const { promise, resolve } = Promise.withResolvers<boolean>();
          try {
            const socket = new WebSocket(address);
            socket.onopen = () => resolve(true);
            socket.onerror = () => resolve(false);
          } catch {
            return false;
          }
          return await promise;
        }, address);
      expect([url, await reach(`ws://${host}/rtc`)]).toEqual([url, isConfigured]);
      expect([url, await reach(`http://${host}/rtc/validate`)]).toEqual([url, isConfigured]);
      expect(await reach(`ws://127.0.0.1:${liveKit.addr.port + 1}/rtc`)).toBe(false);
    }
    await liveKit.shutdown();
  }, 60_000);
});
