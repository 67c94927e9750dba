import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import { openCallBrowser } from "../support/call_browser.ts";
import { checkBothThemes } from "./both_themes.ts";
import { CALL_TEST_MS, callPair, CallScreen, callSeat, talk } from "./call_screen.ts";
import { chatApp } from "./people_kit.ts";
import { eventually, hides, shows } from "./screen.ts";

let browser: TestBrowser;

beforeAll(async () => {
  await builtClient();
  browser = await openCallBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

describe("a shared screen", () => {
  it("is big for others, a card for oneself, and can be closed", async () => {
    await using pair = await callPair(browser);
    const { ana, ben } = pair;
    await talk(pair);
    await ana.button("Share").click();
    await ben.seesPicture(".tile-screen video");
    await shows(ben.page.getByText("Ana shares a screen"));
    await shows(ana.page.getByText("You share your screen"));
    expect(await ana.page.locator(".tile-screen").count()).toBe(0);
    await ana.button("Smooth motion").click();
    await eventually(() => ana.button("Smooth motion").getAttribute("aria-pressed")).toBe("true");
    await checkBothThemes(ana);
    await checkBothThemes(ben);
    await ben.button("Show faces instead").click();
    await ben.page.locator(".tile-screen").waitFor({ state: "detached" });
    await ben.page.getByRole("button", { name: "Ana shares a screen · Show" }).click();
    await shows(ben.page.locator(".tile-screen"));
    await ana.stage.getByRole("button", { name: "Stop sharing" }).first().click();
    await ben.page.locator(".tile-screen").waitFor({ state: "detached" });
    // In another room one is told of it as well, and can stop it.
    await ana.button("Share").click();
    await shows(ben.page.locator(".tile-screen"));
    await ana.openRoom("General");
    await shows(ana.bar.getByText(/^Back to the call: Sharing · Bo/));
    await ana.bar.getByRole("button", { name: "Stop sharing" }).click();
    await ben.page.locator(".tile-screen").waitFor({ state: "detached" });
  }, CALL_TEST_MS);
});

describe("somebody in a call", () => {
  it("moves between rooms, and the bar leads back", async () => {
    await using pair = await callPair(browser);
    const { ana, ben } = pair;
    await talk(pair);
    await ana.openRoom("General");
    await shows(ana.bar.getByText(/^Back to the call: Bo · \d+:\d\d$/));
    await checkBothThemes(ana);
    await ana.hearsOthers();
    await ana.bar.getByRole("button", { name: "Mute" }).click();
    await shows(ben.tile("Ana").getByText("Muted:"));
    await ana.bar.getByRole("button", { name: /^Back to the call/ }).click();
    await shows(ana.stage);
    await hides(ana.bar);
    await ana.openRoom("General");
    await ana.bar.getByRole("button", { name: "Leave" }).click();
    await hides(ana.bar);
    await ben.stage.waitFor({ state: "detached" });
  }, CALL_TEST_MS);

  it("writes in the room beside the call", async () => {
    await using pair = await callPair(browser);
    const { ana, ben } = pair;
    await talk(pair);
    await ana.button("Messages").click();
    await ana.say("Here is the link");
    // Beside the call where there is space.
    expect(await ana.stage.isVisible()).toBe(true);
    await shows(ben.page.getByRole("button", { name: "Messages, 1 unread" }));
    await ben.page.getByRole("button", { name: "Messages, 1 unread" }).click();
    await ben.sees("Here is the link");
    await shows(ben.button("Messages"));
    await ben.page.setViewportSize({ width: 1000, height: 700 });
    await hides(ben.stage);
    await shows(ben.box);
    await ben.bar.getByRole("button", { name: /^Back to the call/ }).click();
    await shows(ben.stage);
  }, CALL_TEST_MS);

  it("sees the others in a small window above all others, until the call ends", async () => {
    await using pair = await callPair(browser);
    const { ana, ben } = pair;
    await talk(pair, "With camera");
    await ana.button("More").click();
    await ana.page.getByRole("menuitem", { name: "Picture in picture" }).click();
    const read = <T>(read: (view: Window) => T) =>
      ana.page.evaluate((code) => {
        const { window: view } = Reflect.get(globalThis, "documentPictureInPicture");
        return view === null ? null : Reflect.apply(Function("view", `return (${code})(view)`), null, [view]);
      }, read.toString());
    await eventually(() => read((view) => view.document.querySelector("video")?.videoWidth ?? 0))
      .toBeGreaterThan(0);
    await read((view) => view.document.querySelector<HTMLElement>("[aria-label=Mute]")?.click());
    await shows(ben.tile("Ana").getByText("Muted:"));
    await ben.leaveCall();
    await eventually(() => read(() => true)).toBeNull();
  }, CALL_TEST_MS);

  it("returns after a reload", async () => {
    await using pair = await callPair(browser);
    const { ana, ben } = pair;
    await talk(pair);
    await ana.page.reload();
    const offer = ana.page.getByRole("region", { name: "Call to return to" });
    await shows(offer.getByText("You were in a call in Bo"));
    await checkBothThemes(ana);
    await offer.getByRole("button", { name: "Return" }).click();
    await Promise.all([ana.isWith("Bo"), ben.isWith("Ana")]);
    await ben.hearsOthers();
    expect(await ben.page.locator(".tile").count()).toBe(2);
  }, CALL_TEST_MS);

  it("continues in a second tab", async () => {
    await using pair = await callPair(browser);
    const { ana, ben } = pair;
    await talk(pair);
    const page = await ana.profile.openPage(`${pair.app.url}/`);
    page.on("dialog", (dialog) => void dialog.accept().catch(() => {}));
    const second = new CallScreen(ana.profile, page);
    await shows(page.getByText("In a call in another tab"));
    await checkBothThemes(second);
    await second.button("Take over here").click();
    await second.isWith("Bo");
    await shows(ana.page.getByText("The call goes on in another tab"));
    await ben.isWith("Ana");
    await ben.hearsOthers();
    expect(await ben.page.locator(".tile").count()).toBe(2);
    await ana.button("Close").click();
    await hides(ana.page.getByText("The call goes on in another tab"));
    await second.leaveCall();
    await ben.stage.waitFor({ state: "detached" });
  }, CALL_TEST_MS);

  it("is rung quietly, and leaves to answer", async () => {
    await using app = await chatApp();
    const bo = await app.person("Bo");
    const cleo = await app.person("Cleo");
    const { id: withAna } = await bo.api.rooms.openDirect.mutate({ userId: app.owner.id });
    const { id: withCleo } = await bo.api.rooms.openDirect.mutate({ userId: cleo.id });
    await using ana = await callSeat(browser, { app, person: app.owner }, { path: `/r/${withAna}` });
    await using ben = await callSeat(browser, { app, person: bo });
    await using cle = await callSeat(browser, { app, person: cleo }, { path: `/r/${withCleo}` });
    await talk({ ana, ben });
    await cle.enterCall("Call Bo", "Call");
    await ben.hearsRing("Cleo");
    await shows(cle.page.getByText("In another call", { exact: true }));
    expect(await ben.stage.isVisible()).toBe(true);
    await ben.button("Leave and answer").click();
    await Promise.all([cle.isWith("Bo"), ben.isWith("Cleo")]);
    await ana.stage.waitFor({ state: "detached" });
  }, CALL_TEST_MS);
});
