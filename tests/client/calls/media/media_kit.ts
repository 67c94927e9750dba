import { openCallBrowser } from "../../../support/call_browser.ts";
import type { CallBrowserOptions } from "../../../support/call_browser.ts";
import type { Page, ProfileOptions } from "../../../support/browser.ts";
import { serveComponentPage } from "../../../support/component_page.ts";
import type { ComponentPage } from "../../../support/component_page.ts";
import type { MediaParts } from "./MediaPage.tsx";

/** What is on or off. */
export const OFF = { mic: false, cam: false, screen: false, screenAudio: false };
/** The shared machine of CI is slow. */
export const PATIENCE = { timeout: 20_000 };

/** A page with what a device captures, in a browser of its own. */
export interface MediaTest extends AsyncDisposable {
  readonly page: Page;
  /** Runs in the page with the parts of `MediaPage`. */
  run<Result, Input = undefined>(
    body: (parts: MediaParts, input: Input) => Result,
    input?: Input,
  ): Promise<Awaited<Result>>;
}

export interface MediaTestOptions extends CallBrowserOptions {
  readonly profile?: ProfileOptions;
  /** Runs in the page before everything else. */
  readonly before?: () => void;
}

/** Opens the page. */
export async function openMediaTest(options: MediaTestOptions = {}): Promise<MediaTest> {
  await using opened = new AsyncDisposableStack();
  const site: ComponentPage = opened.use(
    await serveComponentPage("tests/client/calls/media/MediaPage.tsx"),
  );
  const browser = opened.use(await openCallBrowser(options));
  const profile = opened.use(await browser.openProfile(options.profile));
  const page = await profile.openPage();
  if (options.before !== undefined) await page.addInitScript(options.before);
  await page.goto(site.url);
  await page.waitForFunction(() => "parts" in globalThis);
  const closing = opened.move();
  return {
    page,
    run: (body, input) => runWithParts(page, body, input),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

function runWithParts<Result, Input>(
  page: Page,
  body: (parts: MediaParts, input: Input) => Result,
  input: Input | undefined,
): Promise<Awaited<Result>> {
  const source = `(input) => (${body})(globalThis.parts, input)`;
  return page.evaluate(`(${source})(${JSON.stringify(input) ?? "undefined"})`);
}
