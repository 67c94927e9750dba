import { openCallBrowser } from "../../../support/call_browser.ts";
import type { CallBrowserOptions } from "../../../support/call_browser.ts";
import type { Page, ProfileOptions } from "../../../support/browser.ts";
import { serveComponentPage } from "../../../support/component_page.ts";
import type { MediaParts } from "./MediaPage.tsx";
import type { SoundParts } from "./SoundPage.tsx";

/** What is on or off. */
export const OFF = { mic: false, cam: false, screen: false, screenAudio: false };
/** The shared machine of CI is slow. */
export const PATIENCE = { timeout: 20_000 };

/** A page with parts of calls, in a browser of its own. */
export interface PartsTest<Parts> extends AsyncDisposable {
  readonly page: Page;
  /** Another tab of the same browser. */
  openTab(): Promise<PartsTest<Parts>>;
  /** Runs in the page with its parts. */
  run<Result, Input = undefined>(
    body: (parts: Parts, input: Input) => Result,
    input?: Input,
  ): Promise<Awaited<Result>>;
}

/** A page with what a device captures. */
export type MediaTest = PartsTest<MediaParts>;
/** A page with what one hears. */
export type SoundTest = PartsTest<SoundParts>;

export interface MediaTestOptions extends CallBrowserOptions {
  readonly profile?: ProfileOptions;
  /** Runs in the page before everything else. */
  readonly before?: (() => void) | readonly (() => void)[];
}

/** Opens the page with what a device captures. */
export function openMediaTest(options: MediaTestOptions = {}): Promise<MediaTest> {
  return openPartsTest("tests/client/calls/media/MediaPage.tsx", options);
}

/** Opens the page with what one hears. */
export function openSoundTest(options: MediaTestOptions = {}): Promise<SoundTest> {
  return openPartsTest("tests/client/calls/media/SoundPage.tsx", options);
}

async function openPartsTest<Parts>(entry: string, options: MediaTestOptions): Promise<PartsTest<Parts>> {
  await using opened = new AsyncDisposableStack();
  const site = opened.use(await serveComponentPage(entry));
  const browser = opened.use(await openCallBrowser(options));
  const profile = opened.use(await browser.openProfile(options.profile));
  const openPage = async (close: (page: Page) => Promise<void>): Promise<PartsTest<Parts>> => {
    const page = await profile.openPage();
    for (const script of [options.before ?? []].flat()) await page.addInitScript(script);
    await page.goto(site.url);
    await page.waitForFunction(() => "parts" in globalThis);
    return {
      page,
      openTab: () => openPage((tab) => tab.close()),
      run: (body, input) => runWithParts(page, body, input),
      [Symbol.asyncDispose]: () => close(page),
    };
  };
  const closing = new AsyncDisposableStack();
  const test = await openPage(() => closing.disposeAsync());
  closing.use(opened.move());
  return test;
}

function runWithParts<Parts, Result, Input>(
  page: Page,
  body: (parts: Parts, input: Input) => Result,
  input: Input | undefined,
): Promise<Awaited<Result>> {
  const source = `(input) => (${body})(globalThis.parts, input)`;
  return page.evaluate(`(${source})(${JSON.stringify(input) ?? "undefined"})`);
}
