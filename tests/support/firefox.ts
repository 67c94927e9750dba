// deno-lint-ignore no-import-prefix -- test tool: kept out of deno.json, which every start fetches
import puppeteer from "npm:puppeteer-core@25.16.0";
// deno-lint-ignore no-import-prefix -- test tool: kept out of deno.json, which every start fetches
import type { Page as FirefoxPage } from "npm:puppeteer-core@25.16.0";
import type { Page } from "./browser.ts";

const PATHS = ["/usr/bin/firefox-esr", "/usr/bin/firefox"];
/** Devices that are made up, permission to use them, candidates on loopback, and sound without a click. */
const PREFERENCES = {
  "media.navigator.streams.fake": true,
  "media.navigator.permission.disabled": true,
  "media.peerconnection.ice.obfuscate_host_addresses": false,
  "media.peerconnection.ice.loopback": true,
  "media.autoplay.default": 0,
};

/** A running Firefox, which Playwright cannot drive as it comes from Debian. */
export interface Firefox extends AsyncDisposable {
  /** Opens a page of somebody who is signed in by a cookie; `prepare` is called before it loads anything. */
  openPage(options: FirefoxPageOptions): Promise<Page>;
}

/** How somebody comes to a page in Firefox. */
export interface FirefoxPageOptions {
  readonly url: string;
  /** The value of the session's cookie. */
  readonly session: string;
  readonly prepare?: (page: Page) => Promise<void>;
}

/** Whether tests with Firefox can run; in CI, a missing program is an error. */
export async function hasFirefox(): Promise<boolean> {
  if (await findFirefox() !== null) return true;
  if (Deno.env.get("CI") !== undefined) {
    throw new Error("Firefox is not installed, and in CI nothing is skipped");
  }
  return false;
}

/** Starts Firefox with a camera and a microphone that are made up; `await using` closes it with everything in it. */
export async function openFirefox(): Promise<Firefox> {
  const executablePath = await findFirefox();
  if (executablePath === null) throw new Error("Firefox is not installed");
  const browser = await puppeteer.launch({
    browser: "firefox",
    executablePath,
    headless: true,
    extraPrefsFirefox: PREFERENCES,
  });
  return {
    async openPage({ url, session, prepare }) {
      const { hostname } = new URL(url);
      await browser.setCookie({
        name: "sid",
        value: session,
        domain: hostname,
        path: "/",
        httpOnly: true,
        sameSite: "Lax",
      });
      const opened = await browser.newPage();
      const page = asPage(opened);
      await prepare?.(page);
      await opened.goto(url);
      return page;
    },
    [Symbol.asyncDispose]: () => browser.close(),
  };
}

async function findFirefox(): Promise<string | null> {
  for (const path of PATHS) if (await Deno.stat(path).then(({ isFile }) => isFile, () => false)) return path;
  return null;
}

/** The part of a page that the kits of calls use. */
type UsedPage = Pick<Page, "close" | "evaluate" | "waitForFunction" | "exposeFunction" | "addInitScript">;

function asPage(page: FirefoxPage): Page {
  type Run = (argument: unknown) => unknown;
  const used: { readonly [Name in keyof UsedPage]: (...values: never[]) => unknown } = {
    close: () => page.close(),
    evaluate: (run: Run, argument?: unknown) => page.evaluate(run, argument),
    waitForFunction: (run: Run, argument?: unknown, { timeout }: { readonly timeout?: number } = {}) =>
      page.waitForFunction(run, { polling: 100, ...(timeout === undefined ? {} : { timeout }) }, argument),
    exposeFunction: (name: string, run: Run) => page.exposeFunction(name, run),
    addInitScript: (run: () => unknown) => page.evaluateOnNewDocument(run),
  };
  return used as unknown as Page;
}

/**
 * The loudest level of a media element within a time, as root mean square from 0 to 1, by what a recorder records:
 * without a sound card, Firefox starts no `AudioContext`.
 */
export function recordedLevel(page: Page, selector: string, withinMs = 2_500): Promise<number> {
  return page.evaluate(async ({ selector, withinMs }) => {
    const element = document.querySelector<HTMLMediaElement>(selector);
    const stream = element?.srcObject;
    if (element === null || element.paused || element.muted || !(stream instanceof MediaStream)) return 0;
    const recorder = new MediaRecorder(new MediaStream(stream.getAudioTracks()));
    const chunks: Blob[] = [];
    recorder.ondataavailable = ({ data }) => void chunks.push(data);
    const stopped = new Promise((resolve) => recorder.onstop = resolve);
    recorder.start();
    await new Promise((resolve) => setTimeout(resolve, withinMs));
    recorder.stop();
    await stopped;
    const decoder = new OfflineAudioContext(1, 1, 48_000);
    const sound = await decoder.decodeAudioData(await new Blob(chunks).arrayBuffer());
    const samples = sound.getChannelData(0);
    const blockLength = 2_048;
    let loudest = 0;
    for (let start = 0; start + blockLength <= samples.length; start += blockLength) {
      const block = samples.subarray(start, start + blockLength);
      const sum = block.reduce((total, sample) => total + sample * sample, 0);
      loudest = Math.max(loudest, Math.sqrt(sum / blockLength));
    }
    return loudest;
  }, { selector, withinMs });
}
