import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeFile } from "../../server/build/built_file.ts";
import type { BuiltFile } from "../../server/build/built_file.ts";
import { openBrowser } from "../support/browser.ts";
import type { TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import { testApp } from "../support/test_app.ts";
import { seatWithWorker } from "./people_kit.ts";
import { eventually, hides, shows } from "./screen.ts";
import type { Screen } from "./screen.ts";

/** Ten seconds, and up to 30 more if the hidden tab waits to reconnect. */
const MOVED_WITHIN_MS = 60_000;

let browser: TestBrowser;

beforeAll(async () => {
  await builtClient();
  browser = await openBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

/** Returns the contents of all caches. */
function keptFiles(screen: Screen): Promise<string[][]> {
  return screen.page.evaluate(async () => {
    const kept = [];
    for (const name of await caches.keys()) {
      const requests = await (await caches.open(name)).keys();
      kept.push(requests.map(({ url }) => new URL(url).pathname).sort());
    }
    return kept;
  });
}

/** The same client as another build: every script and style sheet has another name. */
function nextBuild(files: readonly BuiltFile[]): BuiltFile[] {
  const names = files.filter(({ isImmutable }) => isImmutable).map(({ path }) =>
    path.split("/").at(-1) ?? ""
  );
  const renamed = (text: string) =>
    names.reduce(
      (done, name) => done.replaceAll(name, name.replace(/-([\w-]{7})[\w-](?=[\w-]*\.)/, "-$19")),
      text,
    );
  const isText = (type: string) => /javascript|css|html/.test(type);
  return files.map((file) => {
    const text = new TextDecoder().decode(file.contents);
    const contents = isText(file.type) ? new TextEncoder().encode(renamed(text)) : file.contents;
    const { isImmutable } = file;
    return makeFile(renamed(file.path), contents, { isImmutable, isCompressed: false });
  });
}

const scriptOf = (screen: Screen) =>
  screen.page.evaluate(() => document.querySelector<HTMLScriptElement>("script[src*='/app-']")?.src ?? "");

describe("the service worker", () => {
  it("keeps exactly the files of the build, and answers for nothing else", async () => {
    await using app = await testApp({ files: await builtClient() });
    await using ana = await seatWithWorker(browser, app);
    const answer = await app.device().fetch("/sw.js");
    expect([answer.headers.get("content-type"), answer.headers.get("cache-control")]).toEqual([
      "text/javascript; charset=utf-8",
      "no-cache",
    ]);
    const { files } = JSON.parse(/^self\.parleyBuild=(.+);\n/.exec(await answer.text())?.[1] ?? "");
    const built = (await builtClient()).filter(({ path, isImmutable }) =>
      isImmutable && !path.includes("status_page")
    ).map(({ path }) => path);
    expect(files).toEqual(expect.arrayContaining(built));
    expect(files).toHaveLength(built.length + 1);
    expect(await keptFiles(ana)).toEqual([files]);

    await ana.page.reload();
    await ana.seesRoom("General");
    await ana.say("Through the network");
    await ana.page.evaluate(async () => {
      for (const path of ["/healthz", "/status/badge.svg", "/static/favicon.svg"]) {
        await (await fetch(path)).text();
      }
    });
    const byWorker = async (path: string) => (await ana.page.goto(app.url + path))?.fromServiceWorker();
    expect(await byWorker("/")).toBe(true);
    expect(await byWorker("/status")).toBe(false);
    // A plain text has no icon, so that the browser asks for one.
    ana.profile.allowProblems(/favicon\.ico/);
    expect(await byWorker("/healthz")).toBe(false);
    expect(await keptFiles(ana)).toEqual([files]);
  });

  it("opens the app without network, and lets it go on when the server is back", async () => {
    await using app = await testApp({ files: await builtClient() });
    await using ana = await seatWithWorker(browser, app);
    ana.profile.allowProblems(/ERR_INTERNET_DISCONNECTED|WebSocket connection/);
    await ana.profile.context.setOffline(true);
    const page = await ana.page.reload();
    // With the policy of every page, though no server has sent it now.
    expect(page?.headers()["content-security-policy"]).toContain("require-trusted-types-for 'script'");
    // The rooms are there if the tab has had the time to store them.
    const isAlone = ana.page.getByRole("heading", { name: "The server is not responding" });
    await shows(isAlone.or(ana.page.getByText(/Messages are from/)).first());
    await ana.profile.context.setOffline(false);
    await hides(isAlone);
    await ana.seesRoom("General");
    await ana.say("Back");
  });

  it(
    "never mixes builds: an open tab goes on with its own parts, and moves on at a quiet moment",
    async () => {
      const first = await builtClient();
      const files = [...first];
      await using app = await testApp({ files, file: true });
      await using ana = await seatWithWorker(browser, app);
      ana.profile.allowProblems(/ERR_|WebSocket connection|Policy require-trusted-types-for|403|503/);
      const before = await scriptOf(ana);
      files.splice(0, files.length, ...nextBuild(first));
      await app.restart();
      const other = await app.device().fetch(new URL(before).pathname);
      await other.body?.cancel();
      expect(other.status).toBe(404);

      // A part that this tab has not loaded yet, and that the server does not have any more.
      await ana.page.evaluate(() =>
        navigator.serviceWorker.getRegistration().then((found) => found?.update())
      );
      await eventually(async () => (await keptFiles(ana)).length).toBe(2);
      await ana.box.fill("Half a ");
      await ana.button("Emoji").click();
      const emoji = ana.page.getByRole("dialog", { name: "Emoji" }).or(ana.page.locator(".emoji-picker"));
      await shows(emoji.first());
      await ana.page.keyboard.press("Escape");
      await hides(emoji.first());
      expect(await scriptOf(ana)).toBe(before);

      // A new tab has the new build, although the worker of the first one was there before.
      const page = await ana.profile.openPage(app.url);
      await page.getByRole("log", { name: "Messages in General" }).waitFor();
      const scripts = await page.evaluate(() =>
        performance.getEntriesByType("resource").map(({ name }) => name)
      );
      const paths = new Set(files.map(({ path }) => path));
      const foreign = scripts.map((name) => new URL(name).pathname).filter((path) =>
        /\.(js|css)$/.test(path) && !paths.has(path)
      );
      expect(foreign).toEqual([]);
      await page.close();

      // The draft keeps this tab as it is; then nobody looks.
      await ana.page.evaluate(() => {
        Object.defineProperty(document, "visibilityState", { configurable: true, get: () => "hidden" });
        document.dispatchEvent(new Event("visibilitychange"));
      });
      await ana.box.fill("");
      await expect.poll(() => scriptOf(ana).catch(() => before), { timeout: MOVED_WITHIN_MS }).not.toBe(
        before,
      );
      await ana.seesRoom("General");
      await hides(ana.page.getByText("Reconnecting"));
    },
    120_000,
  );

  it("leaves nothing behind when one signs out", async () => {
    await using app = await testApp({ files: await builtClient() });
    await using ana = await seatWithWorker(browser, app);
    await ana.openSettings("Account");
    await ana.button("Sign out").click();
    await shows(ana.page.getByRole("heading", { name: "Welcome back" }));
    await eventually(() =>
      ana.page.evaluate(async () => [
        (await caches.keys()).length,
        (await navigator.serviceWorker.getRegistrations()).length,
        (await indexedDB.databases()).length,
      ])
    ).toEqual([0, 0, 0]);
  });
});
