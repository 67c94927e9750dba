import { expect } from "vitest";
import type { RoomId } from "../../shared/ids.ts";
import type { TestBrowser } from "../support/browser.ts";
import { countPictures, soundLevel } from "../support/call_browser.ts";
import type { Person, TestApp } from "../support/test_app.ts";
import { chatApp, seat } from "./people_kit.ts";
import type { Seat } from "./people_kit.ts";
import { hides, Screen, shows } from "./screen.ts";

/** The CI machine is slower than any of ours. */
const TIMEOUT_MS = 30_000;
/** How long a whole test may take there. */
export const CALL_TEST_MS = 150_000;

/** Plays the voices of the others. */
const OTHERS = 'audio[data-sound^="mic"]';
const HEARD_LEVEL = 0.02;

/** One person's page with the calls in it, used as a person does. */
export class CallScreen extends Screen {
  get stage() {
    return this.page.getByRole("region", { name: /^Call in / });
  }

  get bar() {
    return this.page.getByRole("region", { name: "Current call" });
  }

  tile(name: string) {
    return this.page.locator(".tile").filter({ has: this.page.locator(".tile-name", { hasText: name }) });
  }

  /** Goes through the lobby: `enter` is the button that leads to it, `verb` the one in it. */
  async enterCall(enter: string | RegExp, verb: "Call" | "Start" | "Join"): Promise<void> {
    const button = this.page.getByRole("button", { name: enter });
    await shows(button);
    await button.click();
    await this.confirm(verb);
  }

  /** Goes on from the lobby into the call. */
  async confirm(verb: "Call" | "Start" | "Join"): Promise<void> {
    const button = this.page.locator(".lobby-buttons").getByRole("button", { name: verb, exact: true });
    await shows(button);
    await button.click();
    await shows(this.stage);
  }

  /** Waits until somebody rings. */
  async hearsRing(name: string): Promise<void> {
    await shows(this.page.getByRole("region", { name: `${name} is calling` }));
  }

  /** Waits until somebody is connected. */
  async isWith(name: string): Promise<void> {
    await shows(this.tile(name));
    await hides(this.tile(name).locator(".tile-trouble", { hasText: "onnecting" }));
  }

  /** Waits for a picture of somebody that moves. */
  async seesPicture(selector: string): Promise<void> {
    expect(await countPictures(this.page, selector, { withinMs: TIMEOUT_MS, enough: 3 })).toBe(3);
  }

  /** Waits until the others are heard. */
  async hearsOthers(): Promise<void> {
    await this.page.locator(OTHERS).first().waitFor({ state: "attached", timeout: TIMEOUT_MS });
    expect(await this.hearsNow(TIMEOUT_MS)).toBe(true);
  }

  /** Whether the others are heard within this time. The sound of a browser's microphone comes each second. */
  async hearsNow(withinMs = 2_500): Promise<boolean> {
    return await soundLevel(this.page, OTHERS, { withinMs, enough: HEARD_LEVEL }) >= HEARD_LEVEL;
  }

  async leaveCall(): Promise<void> {
    await this.stage.getByRole("button", { name: "Leave", exact: true }).click();
    await this.stage.waitFor({ state: "detached" });
  }
}

/** Two people with a direct room, each in a browser of their own. */
export interface CallPair extends AsyncDisposable {
  readonly app: TestApp;
  readonly bo: Person;
  readonly direct: RoomId;
  /** The owner's page, in the direct room. */
  readonly ana: CallScreen;
  /** Bo's page, in the first room. */
  readonly ben: CallScreen;
}

/** Seats somebody with calls. */
export async function callSeat(
  browser: TestBrowser,
  who: { app: TestApp; person: Person },
  options: Seat = {},
): Promise<CallScreen> {
  const { profile, page } = await seat(browser, who, options);
  // A call asks before its tab is closed.
  page.on("dialog", (dialog) => void dialog.accept().catch(() => {}));
  return new CallScreen(profile, page);
}

/** Ana in the direct room with Bo, and Bo somewhere else. */
export async function callPair(browser: TestBrowser, options: Seat = {}): Promise<CallPair> {
  await using opened = new AsyncDisposableStack();
  const app = opened.use(await chatApp());
  const bo = await app.person("Bo");
  const { id: direct } = await app.owner.api.rooms.openDirect.mutate({ userId: bo.id });
  const ana = opened.use(
    await callSeat(browser, { app, person: app.owner }, { ...options, path: `/r/${direct}` }),
  );
  const ben = opened.use(await callSeat(browser, { app, person: bo }, options));
  await ana.seesRoom("Bo");
  const all = opened.move();
  return { app, bo, direct, ana, ben, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** Ana calls, and Bo accepts. */
export async function talk({ ana, ben }: Pick<CallPair, "ana" | "ben">, button = "Accept"): Promise<void> {
  await ana.enterCall("Call Bo", "Call");
  await ben.hearsRing("Ana");
  await ben.button(button).click();
  await ana.isWith("Bo");
  await ben.isWith("Ana");
}
