import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtClient } from "../support/built_client.ts";
import type { TestBrowser } from "../support/browser.ts";
import { openCallBrowser } from "../support/call_browser.ts";
import { generalRoom } from "../support/call_kit.ts";
import { CALL_TEST_MS, callPair, CallScreen, callSeat, talk } from "./call_screen.ts";
import { chatApp } from "./people_kit.ts";
import { eventually, shows } from "./screen.ts";

let browser: TestBrowser;
beforeAll(async () => {
  await builtClient();
  browser = await openCallBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

/** Runs in a page before everything else: keeps every track that is captured there, and every copy. */
function keepTracks(): void {
  const tracks: MediaStreamTrack[] = [];
  Object.assign(globalThis, { tracks });
  for (const name of ["getUserMedia", "getDisplayMedia"] as const) {
    const capture = MediaDevices.prototype[name];
    MediaDevices.prototype[name] = async function (constraints) {
      const stream = await capture.call(this, constraints);
      tracks.push(...stream.getTracks());
      return stream;
    };
  }
  const { clone } = MediaStreamTrack.prototype;
  MediaStreamTrack.prototype.clone = function () {
    const copy = clone.call(this);
    if (tracks.includes(this)) tracks.push(copy);
    return copy;
  };
}

/** What is captured now, such as "audio" and "video". */
const liveIn = ({ page }: CallScreen) => () =>
  page.evaluate(() =>
    (globalThis as unknown as { tracks: MediaStreamTrack[] }).tracks
      .filter(({ readyState }) => readyState === "live").map(({ kind }) => kind).sort()
  );

/** Captures camera and screen, and mutes the microphone, which stays captured to warn who talks while muted. */
async function captureAll(screen: CallScreen): Promise<void> {
  await screen.page.keyboard.press("v");
  await screen.button("Share").click();
  await shows(screen.button("Stop sharing").first());
  await screen.button("Mute").click();
  await eventually(async () => (await liveIn(screen)()).filter((kind) => kind === "video").length).toBe(2);
  expect(await liveIn(screen)()).toContain("audio");
}

describe("nothing is captured any more", () => {
  it("when a moderator removes somebody from the call, or from its room", async () => {
    await using app = await chatApp();
    const bo = await app.person("Bo");
    const roomId = await generalRoom(app.owner);
    await using ana = await callSeat(browser, { app, person: app.owner });
    await using ben = await callSeat(browser, { app, person: bo });
    await ben.page.addInitScript(keepTracks);
    await ben.page.reload();
    await ana.seesRoom("General");
    await ana.enterCall("Start a call", "Start");
    await ben.enterCall("Join · 1", "Join");
    await captureAll(ben);
    await ana.button("Options for Bo").click();
    await ana.button("Remove Bo from the call").click();
    await shows(ben.page.getByText("You were removed from the call"));
    await eventually(liveIn(ben)).toEqual([]);
    await ben.enterCall("Join · 1", "Join");
    await captureAll(ben);
    await app.owner.api.rooms.removeMember.mutate({ roomId, userId: bo.id });
    await ben.stage.waitFor({ state: "detached" });
    await shows(ben.page.getByText("You are no longer in the room"));
    await eventually(liveIn(ben)).toEqual([]);
  }, CALL_TEST_MS);

  it("when one leaves, or goes on in another tab, or the other one hangs up", async () => {
    await using pair = await callPair(browser);
    const { ana, ben } = pair;
    for (const { page } of [ana, ben]) {
      await page.addInitScript(keepTracks);
      await page.reload();
    }
    await talk(pair);
    await captureAll(ana);
    const page = await ana.profile.openPage();
    await page.addInitScript(keepTracks);
    await page.goto(`${pair.app.url}/`);
    page.on("dialog", (dialog) => void dialog.accept().catch(() => {}));
    const second = new CallScreen(ana.profile, page);
    await second.button("Take over here").click();
    await shows(ana.page.getByText("The call goes on in another tab"));
    await eventually(liveIn(ana)).toEqual([]);
    await second.isWith("Bo");
    await eventually(liveIn(second)).toContain("video");
    expect(await liveIn(ben)()).toContain("audio");
    await second.leaveCall();
    await ben.stage.waitFor({ state: "detached" });
    for (const screen of [second, ben]) await eventually(liveIn(screen)).toEqual([]);
  }, CALL_TEST_MS);

  it("when a call that has taken over files is left", async () => {
    await using pair = await callPair(browser);
    const { ana, ben } = pair;
    for (const { page } of [ana, ben]) {
      await page.addInitScript(keepTracks);
      await page.reload();
    }
    await shows(ana.button("Call Bo"));
    const data = await ana.page.evaluateHandle(() => {
      const data = new DataTransfer();
      data.items.add(new File(["text"], "note.txt", { type: "text/plain" }));
      return data;
    });
    for (const type of ["dragover", "drop"]) {
      await ana.page.locator(".room-body").first().dispatchEvent(type, { dataTransfer: data });
    }
    await shows(ben.page.getByRole("region", { name: "Files" }).getByText("note.txt"));
    expect(await liveIn(ana)()).toEqual([]);
    await talk(pair, "With camera");
    await captureAll(ana);
    await eventually(liveIn(ben)).toEqual(["audio", "video"]);
    await ben.leaveCall();
    await ana.stage.waitFor({ state: "detached" });
    for (const screen of [ana, ben]) await eventually(liveIn(screen)).toEqual([]);
  }, CALL_TEST_MS);
});
