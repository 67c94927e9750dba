import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import { openCallBrowser } from "../support/call_browser.ts";
import { CALL_TEST_MS, callPair } from "./call_screen.ts";
import { shows } from "./screen.ts";

let browser: TestBrowser;
beforeAll(async () => {
  await builtClient();
  browser = await openCallBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

const LENGTH = 40_000_000;
/** The CI machine is slower than any of ours. */
const PATIENCE_MS = 60_000;

describe("a call that begins while files pass", () => {
  it("rings loudly for the other one, and the files go on in it", async () => {
    await using pair = await callPair(browser);
    const { ana, ben } = pair;
    for (const { page } of [ana, ben]) page.setDefaultTimeout(PATIENCE_MS);
    await shows(ana.button("Call Bo"));
    const data = await ana.page.evaluateHandle((length) => {
      const data = new DataTransfer();
      data.items.add(new File(["x".repeat(length)], "long.txt", { type: "text/plain" }));
      return data;
    }, LENGTH);
    for (const type of ["dragover", "drop"]) {
      await ana.page.locator(".room-body").first().dispatchEvent(type, { dataTransfer: data });
    }
    const files = ben.page.getByRole("region", { name: "Files" });
    await files.getByRole("button", { name: "Accept" }).click();
    await shows(files.getByText(/MB\/s/));
    await ben.openRoom("Ana");
    await ben.enterCall("Call Ana", "Call");
    await ana.hearsRing("Bo");
    // As without a call: nothing has to be left.
    await ana.page.getByRole("button", { name: "Accept", exact: true }).click();
    await Promise.all([ana.isWith("Bo"), ben.isWith("Ana")]);
    await Promise.all([ana.hearsOthers(), ben.hearsOthers()]);
    await files.getByRole("button", { name: "Save" }).waitFor();
    const downloading = ben.page.waitForEvent("download");
    await files.getByRole("button", { name: "Save" }).click();
    const download = await downloading;
    expect((await Deno.stat(await download.path())).size).toBe(LENGTH);
    await shows(ana.stage);
  }, CALL_TEST_MS);
});
