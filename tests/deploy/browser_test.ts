import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BuiltFile } from "../../server/build/built_file.ts";
import { bundleClient } from "../../server/build/client_bundle.ts";
import { openBrowser } from "../support/browser.ts";
import type { Page, Profile, TestBrowser } from "../support/browser.ts";
import { hasDenokv } from "../support/denokv.ts";
import { hasProxies, PROXIES } from "../support/proxies.ts";
import type { Person } from "../support/test_app.ts";
import { Deployment } from "./deployment.ts";

const isPossible = await hasDenokv() && await hasProxies();
const ROOT = new URL("../../", import.meta.url).pathname;

let browser: TestBrowser;
let files: readonly BuiltFile[];
beforeAll(async () => {
  if (!isPossible) return;
  files = await bundleClient({ root: ROOT, isDev: false });
  browser = await openBrowser();
});
afterAll(async () => {
  if (isPossible) await browser[Symbol.asyncDispose]();
});

async function signIn(deployment: Deployment, profile: Profile, person: Person): Promise<Page> {
  const page = await profile.openPage(deployment.origin);
  await page.fill("input[name=username]", person.name);
  await page.fill("input[name=password]", person.password ?? "");
  await page.click("button[type=submit]");
  await page.waitForSelector(".box-field");
  return page;
}

describe.skipIf(!isPossible).each(PROXIES)("two browsers behind %s", (name) => {
  it("PROXY30 sign in and see each other's messages, over WebSocket and without errors", async () => {
    await using deployment = await Deployment.start(name, { files });
    const { app, b } = deployment.pair;
    const ben = await app.person("Ben");
    const open = ({ device }: Person) =>
      browser.openProfile({ localAddress: device.address, ignoreHTTPSErrors: true });
    await using anas = await open(app.owner);
    await using bens = await open(ben);
    const [anaPage, benPage] = [
      await signIn(deployment, anas, app.owner),
      await signIn(deployment, bens, ben),
    ];
    const general = `${deployment.origin}/r/${await deployment.room()}`;
    for (const page of [anaPage, benPage]) {
      const answer = await page.goto(general);
      expect(answer?.headers()).toMatchObject({
        "strict-transport-security": "max-age=31536000",
        "content-security-policy": expect.stringContaining("require-trusted-types-for 'script'"),
      });
    }
    await anaPage.fill(".box-field", "Hello through the proxy");
    await anaPage.press(".box-field", "Enter");
    await benPage.getByText("Hello through the proxy").waitFor();
    await benPage.fill(".box-field", "And back");
    await benPage.press(".box-field", "Enter");
    await anaPage.getByText("And back").waitFor();
    const sockets = [app.services, b.services].flatMap(({ connections }) => connections.all());
    expect(sockets.map(({ subject }) => subject).sort())
      .toEqual([app.owner, ben].map(({ device }) => device.address).sort());
    const [cookie] = await anas.context.cookies(deployment.origin);
    expect(cookie).toMatchObject({ name: "__Host-sid", secure: true, httpOnly: true, sameSite: "Strict" });
  });
});
