import { afterAll, beforeAll, describe, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import type { TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import { testApp } from "../support/test_app.ts";
import { seat, waitForWorker } from "./people_kit.ts";
import { eventually, Screen, shows } from "./screen.ts";

let browser: TestBrowser;

beforeAll(async () => {
  await builtClient();
  browser = await openBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

/** Finds the worker of a page's browser, and returns how to tell it that the network is back. */
async function syncOf({ page }: Screen, origin: string): Promise<(tag: string) => Promise<void>> {
  const devTools = await page.context().newCDPSession(page);
  const found = Promise.withResolvers<string>();
  devTools.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
    const own = registrations.find(({ scopeURL }) => scopeURL.startsWith(origin));
    if (own !== undefined) found.resolve(own.registrationId);
  });
  await devTools.send("ServiceWorker.enable");
  const registrationId = await found.promise;
  return async (tag) => {
    await devTools.send("ServiceWorker.dispatchSyncEvent", {
      origin,
      registrationId,
      tag,
      lastChance: false,
    });
  };
}

const requestedTags = ({ page }: Screen) =>
  page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready as ServiceWorkerRegistration & {
      readonly sync: { getTags(): Promise<string[]> };
    };
    return await registration.sync.getTags();
  });

describe("messages that wait when the tab is closed", () => {
  it("are sent by the worker once the network is back, in order and each once", async () => {
    await using app = await testApp({ files: await builtClient() });
    await using ana = await seat(browser, { app, person: app.owner }, { serviceWorkers: "allow" });
    await waitForWorker(ana);
    await ana.seesRoom("General");
    ana.profile.allowProblems(/ERR_INTERNET_DISCONNECTED|WebSocket connection/);
    // The public status has nothing of the app, and so sends nothing itself.
    const other = new Screen(ana.profile, await ana.profile.openPage(`${app.url}/status`));
    const sync = await syncOf(other, app.url);

    await ana.profile.context.setOffline(true);
    await shows(ana.page.getByText("You are offline."));
    const texts = ["one", "two", "three"];
    for (const text of texts) await ana.say(text);
    await eventually(() => requestedTags(ana)).toEqual(["outbox"]);
    await ana.page.close();

    await ana.profile.context.setOffline(false);
    await sync("outbox");
    const { api } = app.owner;
    const [general] = await api.rooms.list.query();
    const sent = async () => {
      const { messages } = await api.messages.list.query({ roomId: general?.id ?? "" });
      return messages.map(({ text }) => text);
    };
    await eventually(sent).toEqual(texts);

    // The next tab finds nothing left to send.
    const next = new Screen(ana.profile, await ana.profile.openPage(app.url));
    await next.seesRoom("General");
    await eventually(() => next.texts()).toEqual(texts);
    await next.say("four");
    await eventually(sent).toEqual([...texts, "four"]);
  }, 60_000);
});
