import type { ProfileOptions, TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import { testApp } from "../support/test_app.ts";
import type { Person, TestApp } from "../support/test_app.ts";
import { Screen } from "./screen.ts";

let addressCount = 0;

/** A whole server with its client and an owner named Ana. */
export async function chatApp(): Promise<TestApp> {
  return await testApp({ files: await builtClient() });
}

/** How somebody comes to a page. */
export interface Visit extends Omit<ProfileOptions, "localAddress"> {
  readonly url: string;
  /** Of somebody who is signed in already: `sid=…`, or the token alone. */
  readonly cookie?: string | null;
}

/** Opens a browser profile of its own, at an address of its own, with one page. */
export async function openScreen(browser: TestBrowser, visit: Visit): Promise<Screen> {
  const { url, cookie = null, ...options } = visit;
  addressCount++;
  await using opened = new AsyncDisposableStack();
  const localAddress = `127.3.${Deno.pid % 256}.${addressCount % 256}`;
  const profile = opened.use(await browser.openProfile({ ...options, localAddress }));
  if (cookie !== null) {
    await profile.context.addCookies([{
      name: "sid",
      value: cookie.replace(/^sid=/, ""),
      url: new URL(url).origin,
      httpOnly: true,
      sameSite: "Lax",
    }]);
  }
  const screen = new Screen(profile, await profile.openPage(url));
  opened.move();
  return screen;
}

/** Where somebody with an account is let in without typing a password. */
export interface Seat extends Omit<Visit, "url" | "cookie"> {
  /** Below the server's address. */
  readonly path?: string;
}

/** Opens the chat for somebody who has an account. */
export function seat(
  browser: TestBrowser,
  { app, person }: { app: TestApp; person: Person },
  options: Seat = {},
): Promise<Screen> {
  const { path = "/", ...rest } = options;
  return openScreen(browser, { ...rest, url: app.url + path, cookie: person.device.cookie });
}

/** Waits until the worker answers for the page. */
export async function waitForWorker({ page }: Screen): Promise<void> {
  await page.evaluate(async () => {
    const { serviceWorker } = navigator;
    if (serviceWorker.controller !== null) return;
    await new Promise((resolve) =>
      serviceWorker.addEventListener("controllerchange", resolve, { once: true })
    );
  });
}

/** Opens the chat for the owner, and waits until the worker answers for the page. */
export async function seatWithWorker(browser: TestBrowser, app: TestApp): Promise<Screen> {
  const screen = await seat(browser, { app, person: app.owner }, { serviceWorkers: "allow" });
  await waitForWorker(screen);
  await screen.seesRoom("General");
  return screen;
}
