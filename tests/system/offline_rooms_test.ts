import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Room } from "../../shared/room.ts";
import { openBrowser } from "../support/browser.ts";
import type { TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import { testApp } from "../support/test_app.ts";
import type { TestApp } from "../support/test_app.ts";
import { seat, seatWithWorker, waitForWorker } from "./people_kit.ts";
import { eventually, hides, shows } from "./screen.ts";
import type { Screen } from "./screen.ts";

/** What browsers report while there is no network. */
const WITHOUT_NETWORK = /ERR_INTERNET_DISCONNECTED|ERR_CONNECTION|WebSocket connection/;

let browser: TestBrowser;

beforeAll(async () => {
  await builtClient();
  browser = await openBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

/** Opens the chat with its worker, with which the page needs no network from then on. */
async function openChat(app: TestApp): Promise<Screen> {
  const screen = await seatWithWorker(browser, app);
  screen.profile.allowProblems(WITHOUT_NETWORK);
  return screen;
}

/** Returns all that is stored for a start without network, as JSON. */
function stored({ page }: Screen): Promise<string> {
  return page.evaluate(async () => {
    const names = (await indexedDB.databases()).map(({ name }) => name);
    if (!names.includes("parley-offline")) return "";
    const opened = indexedDB.open("parley-offline");
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      opened.onsuccess = () => resolve(opened.result);
      opened.onerror = () => reject(opened.error);
    });
    const request = database.transaction("items").objectStore("items").getAll();
    await new Promise((resolve) => request.onsuccess = resolve);
    database.close();
    return JSON.stringify(request.result);
  });
}

async function reloadWithoutNetwork(screen: Screen): Promise<void> {
  await screen.profile.context.setOffline(true);
  await screen.page.reload();
}

async function generalOf(app: TestApp): Promise<Room> {
  const [room] = await app.owner.api.rooms.list.query();
  if (room === undefined) throw new Error("There is no room");
  return room;
}

describe("rooms without network", () => {
  it(
    "are there with their last page; what is written is sent later, and nothing doubles or moves",
    async () => {
      await using app = await testApp({ files: await builtClient() });
      const room = await generalOf(app);
      await using ana = await openChat(app);
      for (let index = 1; index <= 9; index++) await send(app, room, `Line ${index}\n\n`.repeat(5));
      await send(app, room, "To be deleted");
      await ana.say("Kept for later");
      await eventually(() => stored(ana)).toContain("Kept for later");
      expect(await stored(ana)).toContain("To be deleted");

      await reloadWithoutNetwork(ana);
      await ana.seesRoom("General");
      await ana.sees("Kept for later");
      // The goal is 1 s; here, other tests may use the machine.
      expect(await ana.page.evaluate(() => performance.now())).toBeLessThan(10_000);
      await shows(ana.page.getByText(/(You are offline|Parley cannot be reached)\. +Messages are from/));
      await ana.say("Written on the train");
      await shows(ana.page.getByText("1 message waiting"));
      const { messages } = await app.owner.api.messages.list.query({ roomId: room.id });
      const offsetOf = (text: string) => messages.find((message) => message.text === text)?.offset ?? 0;
      const { edit, delete: remove } = app.owner.api.messages;
      await edit.mutate({ roomId: room.id, offset: offsetOf("Kept for later"), text: "Edited since" });
      await remove.mutate({ roomId: room.id, offset: offsetOf("To be deleted") });
      await send(app, room, "Said meanwhile");

      await ana.log.evaluate((log) => log.scrollTop = 100);
      const topOf = () => ana.message("Line 3").evaluate((row) => row.getBoundingClientRect().top);
      const top = await topOf();
      await ana.page.evaluate(() => {
        const log = document.querySelector(".log-rows");
        const counts = (globalThis as { rowCounts?: number[] }).rowCounts = [];
        if (log === null) return;
        new MutationObserver(() => counts.push(log.querySelectorAll("article").length as never)).observe(
          log,
          {
            childList: true,
          },
        );
      });
      await ana.profile.context.setOffline(false);
      await ana.sees("Said meanwhile");
      await ana.sees("Edited since");
      await hides(ana.page.getByText("To be deleted"));
      await ana.sees("Written on the train");
      await hides(ana.page.getByText("1 message waiting"));
      expect(await topOf()).toBe(top);
      const texts = await ana.texts();
      expect(texts.slice(-3).toSorted()).toEqual([
        "Edited since\n\n(edited)",
        "Said meanwhile",
        "Written on the train",
      ]);
      expect(new Set(texts).size).toBe(texts.length);
      expect(await ana.room("General").count()).toBe(1);
      // What was stored was never taken away.
      const counts = await ana.page.evaluate(() => (globalThis as { rowCounts?: number[] }).rowCounts ?? []);
      expect(Math.min(...counts)).toBeGreaterThanOrEqual(10);
      await eventually(() => stored(ana)).toContain("Written on the train");
      for (const gone of ["To be deleted", "Kept for later"]) expect(await stored(ana)).not.toContain(gone);
    },
    60_000,
  );

  it(
    "are wiped by a sign-out and by the end of the session elsewhere, and the next person sees nothing",
    async () => {
      await using app = await testApp({ files: await builtClient() });
      const bo = await app.person("Bo");
      await using ana = await openChat(app);
      ana.profile.allowProblems(/401/);
      await ana.say("For members only");
      await eventually(() => stored(ana)).toContain("For members only");
      await ana.openSettings("Account");
      await ana.button("Sign out").click();
      await shows(ana.page.getByRole("heading", { name: "Welcome back" }));
      await eventually(() => stored(ana)).toBe("");

      // The worker went with the sign-out; it comes again with the next person.
      await signIn(ana, { name: "Bo", password: bo.password ?? "" });
      await ana.seesRoom("General");
      await waitForWorker(ana);
      await eventually(() => stored(ana)).toContain('"name":"Bo"');
      await reloadWithoutNetwork(ana);
      await ana.seesRoom("General");
      await shows(ana.page.getByText(/Messages are from/));
      const sessions = await bo.api.auth.sessions.query();
      const other = sessions.find(({ current }) => !current);
      if (other === undefined) throw new Error("There is no other session");
      await bo.api.auth.revokeSession.mutate({ sessionId: other.id });
      await ana.profile.context.setOffline(false);
      await shows(ana.page.getByRole("heading", { name: "Welcome back" }));
      await eventually(() => stored(ana)).toBe("");
      await reloadWithoutNetwork(ana);
      await shows(ana.page.getByRole("heading", { name: "The server is not responding" }));
    },
    60_000,
  );

  it("are not stored where the browser has no space, which is told once", async () => {
    await using app = await testApp({ files: await builtClient() });
    await using ana = await seat(browser, { app, person: app.owner }, { path: "/healthz" });
    const devtools = await ana.profile.context.newCDPSession(ana.page);
    await devtools.send("Storage.overrideQuotaForOrigin", { origin: app.url, quotaSize: 1 });
    ana.profile.allowProblems(/favicon\.ico/);
    await ana.page.goto(app.url);
    await ana.seesRoom("General");
    await shows(
      ana.page.getByText("This browser's storage is full, so your rooms cannot be read without network."),
    );
    await ana.say("Sent all the same");
    const page = await ana.openSettings("Connection");
    await shows(page.getByText("Nothing: the browser's storage is full"));
    expect(await stored(ana)).toBe("");
  }, 60_000);
});

async function signIn(
  { page }: Screen,
  { name, password }: { name: string; password: string },
): Promise<void> {
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

async function send(app: TestApp, room: Room, text: string): Promise<void> {
  await app.owner.api.messages.send.mutate({ roomId: room.id, clientMessageId: crypto.randomUUID(), text });
}
