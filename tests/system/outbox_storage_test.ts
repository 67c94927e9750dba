import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import type { TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { Harbour } from "./harbour_kit.ts";
import { eventually, hides, Screen, shows } from "./screen.ts";

let browser: TestBrowser;

beforeAll(async () => {
  await builtClient();
  browser = await openBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

const TIMEOUT_MS = 90_000;
/** At five a second after the first fifteen, with room for a busy machine. */
const HUNDRED_WITHIN_MS = 90_000;

function refuseDatabase(): void {
  IDBFactory.prototype.open = () => {
    throw new DOMException("Storage is blocked", "SecurityError");
  };
}

function refuseWrites(): void {
  IDBObjectStore.prototype.put = () => {
    throw new DOMException("Storage is full", "QuotaExceededError");
  };
}

const REFUSALS = [
  { what: "lets no database open", refuse: refuseDatabase },
  { what: "has no space left", refuse: refuseWrites },
];

const sending = (screen: Screen) => screen.log.getByText("Sending…");

describe("a browser without storage", () => {
  it.each(REFUSALS)("F14 sends waiting messages in order and once if it $what", async ({ refuse }) => {
    await using folder = await temporaryFolder();
    await using harbour = await Harbour.open(browser, folder.path);
    await using ana = await harbour.enter(harbour.seeded.owner);
    await using bo = await harbour.enter(harbour.bo);
    await ana.profile.context.addInitScript(refuse);
    await ana.page.reload();
    await ana.seesRoom("Harbour");
    await ana.say("online");
    await bo.sees("online");

    await harbour.kill();
    await shows(ana.page.getByText("Connection lost."));
    const waiting = ["one", "two", "three", "four"];
    for (const text of waiting) await ana.say(text);
    await shows(ana.page.getByText("Keep the tab open until it is sent."));
    await eventually(() => sending(ana).count()).toBe(waiting.length);

    await harbour.start();
    for (const screen of [bo, ana]) await eventually(() => screen.texts()).toEqual(["online", ...waiting]);
    await hides(sending(ana));
  }, TIMEOUT_MS);
});

describe("two tabs of one person", () => {
  it("F14 send a hundred messages in order and each once", async () => {
    await using folder = await temporaryFolder();
    await using harbour = await Harbour.open(browser, folder.path);
    await using ana = await harbour.enter(harbour.seeded.owner);
    await using bo = await harbour.enter(harbour.bo);
    const second = new Screen(ana.profile, await ana.profile.openPage(harbour.url));
    await second.seesRoom("Harbour");

    await harbour.kill();
    await shows(ana.page.getByText("Connection lost."));
    const texts = Array.from({ length: 100 }, (_, index) => `number ${String(index + 1).padStart(3, "0")}`);
    for (const text of texts) await ana.say(text);
    await shows(second.page.getByText("100 messages waiting"));

    await harbour.start();
    await expect.poll(() => bo.texts(), { timeout: HUNDRED_WITHIN_MS }).toEqual(texts);
    for (const screen of [ana, second]) {
      await hides(sending(screen).first());
      await eventually(() => screen.texts()).toEqual(texts);
    }
  }, TIMEOUT_MS + HUNDRED_WITHIN_MS);
});
