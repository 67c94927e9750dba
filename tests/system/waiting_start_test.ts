import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import type { TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import { hasDenokv, startDenokv } from "../support/denokv.ts";
import { startServerProcess } from "../support/server_process.ts";

const isPossible = await hasDenokv();
const PATIENT = { timeout: 30_000 };

let browser: TestBrowser;
beforeAll(async () => {
  await builtClient();
  browser = await openBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

describe.skipIf(!isPossible)("pages of a server that waits for its storage", () => {
  it("say so, and go on by themselves when it is there", async () => {
    await using kv = await startDenokv();
    await kv.kill();
    const env = { KV_URL: kv.url, DENO_KV_ACCESS_TOKEN: kv.token };
    await using server = await startServerProcess({ env, isWaiting: true });
    await using profile = await browser.openProfile();
    profile.allowProblems(/503/);
    const app = await profile.openPage(server.url);
    await app.getByRole("heading", { name: "The server is not responding" }).waitFor(PATIENT);
    await app.getByText("The server cannot reach its storage.").waitFor(PATIENT);
    await app.getByText("Trying again in").waitFor(PATIENT);
    const status = await profile.openPage(`${server.url}/status`);
    const headline = () => status.locator(".verdict h2").innerText();
    await expect.poll(headline, PATIENT).toBe("The current state is unknown");

    await kv.restart();
    await app.getByRole("button", { name: "Sign in" }).waitFor(PATIENT);
    // Two rounds of probes by the real clock.
    await expect.poll(headline, { timeout: 90_000 }).toBe("All systems operational");
  }, 180_000);
});
