import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import type { TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { checkBothThemes } from "./both_themes.ts";
import { Harbour } from "./harbour_kit.ts";
import { eventually, hides, Screen, shows } from "./screen.ts";

let browser: TestBrowser;

beforeAll(async () => {
  await builtClient();
  browser = await openBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

/** Server processes start slowly on a machine that does other things too. */
const TIMEOUT_MS = 90_000;

const sending = (screen: Screen) => screen.log.getByText("Sending…");

describe("messages while the server is away", () => {
  it("wait in order and arrive once, on both sides, after a kill -9", async () => {
    await using folder = await temporaryFolder();
    await using harbour = await Harbour.open(browser, folder.path);
    await using ana = await harbour.enter(harbour.seeded.owner);
    await using bo = await harbour.enter(harbour.bo);
    await ana.say("before");
    await bo.sees("before");

    await harbour.kill();
    const ofAna = ["ana 1", "ana 2", "ana 3", "ana 4"];
    const ofBo = ["bo 1", "bo 2", "bo 3"];
    for (const text of ofAna) await ana.say(text);
    for (const text of ofBo) await bo.say(text);
    await eventually(() => sending(ana).count()).toBe(ofAna.length);
    await shows(ana.page.getByText("Connection lost."));
    await shows(ana.page.getByText("4 messages waiting"));
    await shows(bo.page.getByText("3 messages waiting"));
    await checkBothThemes(ana);
    // Nothing of one person shows on the other's side, and nothing is lost from the own one.
    expect(await ana.texts()).toEqual(["before", ...ofAna]);

    // The good news stays for a few seconds only.
    await Promise.all([shows(ana.page.getByText("Back online")), harbour.start()]);
    await eventually(() => ana.texts()).toHaveLength(1 + ofAna.length + ofBo.length);
    await eventually(() => bo.texts()).toHaveLength(1 + ofAna.length + ofBo.length);
    await Promise.all([hides(sending(ana)), hides(sending(bo))]);
    const kept = await ana.texts();
    expect(await bo.texts()).toEqual(kept);
    expect(kept.filter((text) => text.startsWith("ana"))).toEqual(ofAna);
    expect(kept.filter((text) => text.startsWith("bo"))).toEqual(ofBo);
    await ana.page.reload();
    await eventually(() => ana.texts()).toEqual(kept);
  }, TIMEOUT_MS);

  it("arrive once if the server dies while they are in flight", async () => {
    await using folder = await temporaryFolder();
    await using harbour = await Harbour.open(browser, folder.path);
    await using ana = await harbour.enter(harbour.seeded.owner);
    await using bo = await harbour.enter(harbour.bo);
    const said: string[] = [];
    for (let round = 1; round <= 3; round++) {
      for (let number = 1; number <= 4; number++) {
        const text = `round ${round}, number ${number}`;
        said.push(text);
        await ana.say(text);
      }
      await harbour.kill();
      await harbour.start();
      await eventually(() => bo.texts()).toEqual(said);
    }
    await hides(sending(ana));
    expect(await ana.texts()).toEqual(said);
  }, TIMEOUT_MS);

  it("outlive the page that wrote them", async () => {
    await using folder = await temporaryFolder();
    await using harbour = await Harbour.open(browser, folder.path);
    await using ana = await harbour.enter(harbour.seeded.owner);
    await using bo = await harbour.enter(harbour.bo);
    await harbour.kill();
    await ana.say("first");
    await ana.say("second");
    await eventually(() => sending(ana).count()).toBe(2);
    await expect(ana.page.reload()).rejects.toThrow("ERR_");
    await harbour.start();
    // In a page of its own: the browser is still busy showing its error in the first.
    const later = new Screen(ana.profile, await ana.profile.openPage(harbour.url));
    for (const screen of [later, bo]) await eventually(() => screen.texts()).toEqual(["first", "second"]);
    await hides(sending(later));
  }, TIMEOUT_MS);

  it("turn red if the server refuses them, and can be sent again, edited or discarded", async () => {
    await using folder = await temporaryFolder();
    await using harbour = await Harbour.open(browser, folder.path);
    await using ana = await harbour.enter(harbour.seeded.owner);
    await harbour.kill();
    await ana.say("too late");
    await ana.say("never mind");
    await ana.say("not quite right");
    await harbour.archive();
    await harbour.start();
    for (const text of ["too late", "never mind", "not quite right"]) {
      await shows(ana.message(text).getByRole("alert").filter({ hasText: "archived" }));
    }
    await shows(ana.page.getByText("This room is archived and read-only."));
    await checkBothThemes(ana);
    await ana.message("never mind").getByRole("button", { name: "Discard" }).click();
    await hides(ana.message("never mind"));

    await ana.button("Room menu").click();
    await ana.page.getByRole("menuitem", { name: "Room settings" }).click();
    await ana.dialog("Room settings").getByRole("button", { name: "Restore" }).click();
    await shows(ana.box);
    await ana.message("too late").getByRole("button", { name: "Retry" }).click();
    await hides(ana.message("too late").getByRole("alert"));
    await ana.message("not quite right").getByRole("button", { name: "Edit" }).click();
    await hides(ana.message("not quite right"));
    expect(await ana.box.inputValue()).toBe("not quite right");
    await ana.say("quite right");
    await using bo = await harbour.enter(harbour.bo);
    await eventually(() => bo.texts()).toEqual(["too late", "quite right"]);
  }, TIMEOUT_MS);
});
