import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Call } from "../../shared/call/call_types.ts";
import type { TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import { openCallBrowser } from "../support/call_browser.ts";
import { phoneOf } from "../support/call_kit.ts";
import { checkBothThemes } from "./both_themes.ts";
import { callPair, CallScreen, talk } from "./call_screen.ts";
import type { CallPair } from "./call_screen.ts";
import { eventually, hides, shows } from "./screen.ts";

const PATIENCE_MS = 120_000;

let browser: TestBrowser;
beforeAll(async () => {
  await builtClient();
  browser = await openCallBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

/** Waits until everything has arrived: a channel that has lost packets on a busy machine may crawl for a while. */
function arrives(screen: CallScreen): Promise<void> {
  return files(screen).getByText("Bo has it").waitFor({ timeout: 60_000 });
}

/** Two people whose pages may be slow, as with several browsers on one machine. */
async function patientPair(): Promise<CallPair> {
  const pair = await callPair(browser);
  for (const { page } of [pair.ana, pair.ben]) page.setDefaultTimeout(30_000);
  return pair;
}

/** Holds files over the page and lets them go there; `selector` says where. */
async function drop({ page }: CallScreen, selector: string, name: string, text: string): Promise<void> {
  const data = await page.evaluateHandle(({ name, text }) => {
    const data = new DataTransfer();
    data.items.add(new File([text], name, { type: "text/plain" }));
    return data;
  }, { name, text });
  for (const type of ["dragover", "drop"]) {
    await page.locator(selector).first().dispatchEvent(type, { dataTransfer: data });
  }
}

/** Saves what has arrived and returns its text. */
async function saved({ page }: CallScreen, file = ""): Promise<readonly [name: string, text: string]> {
  const downloading = page.waitForEvent("download");
  await page.locator(".file", { hasText: file }).getByRole("button", { name: "Save" }).click();
  const download = await downloading;
  return [download.suggestedFilename(), await Deno.readTextFile(await download.path())];
}

function files({ page }: CallScreen) {
  return page.getByRole("region", { name: "Files" });
}

describe("files from person to person", () => {
  it("are chosen, offered by name and size, accepted, saved, and noted in the room", async () => {
    await using pair = await patientPair();
    const { ana, ben, app } = pair;
    await ana.page.evaluate(() => Reflect.deleteProperty(globalThis, "showOpenFilePicker"));
    await shows(ana.button("Call Bo"));
    await ana.page.getByRole("button", { name: /^(More|Room menu|Actions)/ }).first().click();
    const choosing = ana.page.waitForEvent("filechooser");
    await ana.page.getByRole("menuitem", { name: "Send a file" }).click();
    const folder = await Deno.makeTempDir();
    await Deno.writeTextFile(`${folder}/plan.txt`, "x".repeat(300_000));
    await (await choosing).setFiles(`${folder}/plan.txt`);
    await shows(files(ana).getByText("Waiting for Bo to accept"));
    await shows(files(ben).getByText("Ana wants to send you"));
    await shows(files(ben).getByText("300 kB"));
    await checkBothThemes(ben);
    // No ring, no call to be seen, and no path to the sender yet.
    expect(await ben.page.getByRole("region", { name: /is calling/ }).count()).toBe(0);
    expect(await ben.page.getByRole("button", { name: /^Join/ }).count()).toBe(0);
    await files(ben).getByRole("button", { name: "Accept" }).click();
    await arrives(ana);
    const [name, text] = await saved(ben);
    expect([name, text.length]).toEqual(["plan.txt", 300_000]);
    await ben.openRoom("Ana");
    await shows(ben.log.getByText(/^Ana handed you .plan\.txt. · 300 kB$/));
    await shows(ana.log.getByText(/^You handed Bo .plan\.txt. · 300 kB$/));
    await checkBothThemes(ana);
    await Deno.remove(folder, { recursive: true });
    // The call for them ends by itself, and nothing says so.
    await expect.poll(() => app.services.calls.store.current(pair.direct), { timeout: 30_000 }).toBeNull();
    await hides(files(ana));
    expect(await ana.log.locator(".sys").count()).toBe(1);
    expect(await ana.page.getByText(/No answer|Missed/).count()).toBe(0);
  }, PATIENCE_MS);

  it("that are declined end their call, and the sender reads it", async () => {
    await using pair = await patientPair();
    const { ana, ben } = pair;
    await shows(ana.button("Call Bo"));
    await drop(ana, ".room-body", "no.txt", "no");
    await files(ben).getByRole("button", { name: "Decline" }).click();
    await shows(files(ana).getByText("Bo did not accept it"));
    await hides(files(ben));
    await drop(ana, ".room-body", "not-either.txt", "no");
    await shows(files(ana).getByText("not-either.txt"));
    // What comes next has the focus.
    await files(ana).getByRole("button", { name: "Remove no.txt" }).click();
    await ana.hasFocus(files(ana));
    await files(ben).getByRole("button", { name: "Decline" }).click();
    await ben.hasFocus(ben.page.locator("main"));
    await files(ana).getByRole("button", { name: "Clear" }).click();
    await hides(files(ana));
    await ana.hasFocus(ana.page.locator("main"));
  }, PATIENCE_MS);

  it("FILE39 go to the device that accepts first, and the other one says so", async () => {
    await using pair = await patientPair();
    const { ana, ben, app, bo, direct } = pair;
    await shows(ana.button("Call Bo"));
    await drop(ana, ".room-body", "once.txt", "once");
    await shows(files(ben).getByRole("button", { name: "Accept" }));
    const phone = await phoneOf(app, bo);
    const { callId } = phone.all("snapshot")[0]?.calls[0] as Call;
    // Bo accepts on the phone while this page is busy, and here before it hears of that.
    await ben.page.route("**/busy", async (route) => {
      await phone.join({ callId }, { mic: false, cam: false });
      await route.fulfill({ body: "" });
    });
    await files(ben).getByRole("button", { name: "Accept" }).evaluate((button: HTMLElement) => {
      const request = new XMLHttpRequest();
      request.open("GET", "/busy", false);
      request.send();
      button.click();
    });
    await shows(ben.page.getByText("You accepted them on another device."));
    await hides(files(ben));
    expect((await app.services.calls.store.current(direct))?.participants.length).toBe(2);
    phone.stop();
  }, PATIENCE_MS);

  it("that are pasted into a message are offered", async () => {
    await using pair = await patientPair();
    const { ana, ben } = pair;
    await shows(ana.button("Call Bo"));
    await ana.box.focus();
    await ana.page.evaluate(() => {
      const data = new DataTransfer();
      data.items.add(new File(["picture"], "image.png", { type: "image/png" }));
      const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
      document.activeElement?.dispatchEvent(event);
    });
    await shows(files(ben).getByText("image.png"));
    await files(ben).getByRole("button", { name: "Accept" }).click();
    await arrives(ana);
    expect(await saved(ben)).toEqual(["image.png", "picture"]);
  }, PATIENCE_MS);

  it("pass in a call, dropped onto somebody, in both directions at once", async () => {
    await using pair = await patientPair();
    const { ana, ben } = pair;
    await talk(pair);
    await drop(ana, ".tile:not(.is-own)", "from ana.txt", "hello Bo");
    await drop(ben, ".tile:not(.is-own)", "from bo.txt", "hello Ana");
    for (const screen of [ana, ben]) {
      await files(screen).getByRole("button", { name: "Accept" }).click();
      await shows(files(screen).getByRole("button", { name: "Save" }));
      await checkBothThemes(screen);
    }
    expect(await saved(ana)).toEqual(["from bo.txt", "hello Ana"]);
    expect(await saved(ben)).toEqual(["from ana.txt", "hello Bo"]);
    for (const name of ["one.txt", "two.txt"]) await drop(ana, ".tile:not(.is-own)", name, name);
    await files(ben).getByRole("button", { name: "Accept all" }).click();
    const names = new Set<string>();
    ben.page.on("download", (download) => names.add(download.suggestedFilename()));
    await files(ben).getByRole("button", { name: "Save all" }).click();
    await eventually(() => names).toEqual(new Set(["one.txt", "two.txt"]));
    await shows(files(ben).getByRole("button", { name: "Save again two.txt" }));
    // The call goes on.
    await shows(ana.stage);
  }, PATIENCE_MS);

  it("that arrived are there after a reload, and a transfer goes on after one", async () => {
    await using pair = await patientPair();
    const { ana, ben } = pair;
    await shows(ana.button("Call Bo"));
    await drop(ana, ".room-body", "kept.txt", "kept");
    await files(ben).getByRole("button", { name: "Accept" }).click();
    await shows(files(ben).getByRole("button", { name: "Save" }));
    await ben.page.reload();
    await shows(files(ben).getByRole("button", { name: "Save" }));
    expect(await saved(ben)).toEqual(["kept.txt", "kept"]);
    await drop(ana, ".room-body", "long.txt", "x".repeat(40_000_000));
    await files(ben).getByRole("button", { name: "Accept" }).click();
    await shows(files(ben).getByText(/MB\/s/));
    await ben.page.reload();
    await shows(files(ben).getByText("Save it within a day"));
    expect((await saved(ben, "long.txt"))[1].length).toBe(40_000_000);
  }, PATIENCE_MS);

  it("go on when both have left and one of them asks for the rest", async () => {
    await using pair = await patientPair();
    const { ana, ben, app } = pair;
    const text = "x".repeat(20_000_000);
    await shows(ana.button("Call Bo"));
    // On a fast machine all of it would be there before anybody has left.
    await ana.page.evaluate((maxBytes) => {
      const { send } = RTCDataChannel.prototype;
      let left = maxBytes;
      RTCDataChannel.prototype.send = function (data: unknown) {
        if (data instanceof Uint8Array && data.length > 1_000) left -= data.length;
        if (left > 0 || typeof data === "string") Reflect.apply(send, this, [data]);
      };
    }, 8_000_000);
    await drop(ana, ".room-body", "rest.txt", text);
    await files(ben).getByRole("button", { name: "Accept" }).click();
    await shows(files(ben).getByText(/[1-9] MB of 20 MB/));
    for (const { page } of [ana, ben]) await page.close();
    // They tell the server as they go: their leases would last for 30 s.
    await expect.poll(() => app.services.calls.store.current(pair.direct), { timeout: 15_000 }).toBeNull();
    const open = async ({ profile }: CallScreen) => {
      const page = await profile.openPage();
      page.setDefaultTimeout(30_000);
      await page.addInitScript(() => Reflect.deleteProperty(globalThis, "showOpenFilePicker"));
      await page.goto(`${app.url}/`);
      return new CallScreen(profile, page);
    };
    const [anaAgain, benAgain] = [await open(ana), await open(ben)];
    await shows(files(anaAgain).getByText("Choose the file again to go on"));
    await shows(files(benAgain).getByText(/^Interrupted at [\d.]+ MB of 20 MB$/));
    expect(await files(benAgain).getByRole("progressbar").getAttribute("value")).not.toBe("0");
    await checkBothThemes(benAgain);
    await files(benAgain).getByRole("button", { name: "Go on" }).click();
    await shows(files(anaAgain).getByText("Bo waits for the rest of"));
    await checkBothThemes(anaAgain);
    await files(anaAgain).getByRole("button", { name: "Go on" }).click();
    // Ana is there again, and her file is not.
    await shows(files(benAgain).getByText(/of 20 MB. Waiting for Ana to go on./));
    await checkBothThemes(benAgain);
    const choosing = anaAgain.page.waitForEvent("filechooser");
    await files(anaAgain).getByRole("button", { name: "Choose the file" }).click();
    const folder = await Deno.makeTempDir();
    await Deno.writeTextFile(`${folder}/rest.txt`, text);
    await (await choosing).setFiles(`${folder}/rest.txt`);
    await arrives(anaAgain);
    expect((await saved(benAgain))[1].length).toBe(20_000_000);
    await Deno.remove(folder, { recursive: true });
  }, PATIENCE_MS);

  it("are chosen again when the sender's page was loaded again before anybody answered", async () => {
    await using pair = await patientPair();
    const { ana, ben } = pair;
    await shows(ana.button("Call Bo"));
    await drop(ana, ".room-body", "again.txt", "again");
    await shows(files(ben).getByText("again.txt"));
    await ana.page.addInitScript(() => Reflect.deleteProperty(globalThis, "showOpenFilePicker"));
    await ana.page.reload();
    await files(ben).getByRole("button", { name: "Accept" }).click();
    const choosing = ana.page.waitForEvent("filechooser");
    await files(ana).getByRole("button", { name: "Choose the file" }).click();
    const folder = await Deno.makeTempDir();
    await Deno.writeTextFile(`${folder}/again.txt`, "again");
    await (await choosing).setFiles(`${folder}/again.txt`);
    await arrives(ana);
    expect(await saved(ben)).toEqual(["again.txt", "again"]);
    await Deno.remove(folder, { recursive: true });
  }, PATIENCE_MS);

  it("that arrived are deleted when one signs out", async () => {
    await using pair = await patientPair();
    const { ana, ben } = pair;
    await shows(ana.button("Call Bo"));
    await drop(ana, ".room-body", "secret.txt", "secret");
    await files(ben).getByRole("button", { name: "Accept" }).click();
    await shows(files(ben).getByRole("button", { name: "Save" }));
    const kept = () =>
      ben.page.evaluate(async () => {
        const names: string[] = [];
        for await (const name of (await navigator.storage.getDirectory()).keys()) names.push(name);
        return [
          names.length,
          (await indexedDB.databases()).filter(({ name }) => name === "parley-files").length,
        ];
      });
    expect(await kept()).toEqual([1, 1]);
    // The page comes to its files only after one has signed out.
    const [asked, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    await ben.page.route(/files_worker/, async (route) => {
      asked.resolve();
      await released.promise;
      await route.continue();
    });
    await ben.page.goto(`${pair.app.url}/`);
    await asked.promise;
    await ben.button("Settings").click();
    await ben.button("Sign out").click();
    await shows(ben.button("Sign in"));
    const opened = ben.page.waitForResponse(/files_worker/);
    released.resolve();
    await opened;
    await expect.poll(kept, { timeout: 30_000 }).toEqual([0, 0]);
  }, PATIENCE_MS);
});
