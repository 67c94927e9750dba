import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import type { TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import type { Person, TestApp } from "../support/test_app.ts";
import { checkBothThemes } from "./both_themes.ts";
import { chatApp, openScreen } from "./people_kit.ts";
import { eventually, hides, shows } from "./screen.ts";
import type { Screen } from "./screen.ts";

let browser: TestBrowser;

beforeAll(async () => {
  await builtClient();
  browser = await openBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

const PASSWORD = "fourteen more kettles";

/** Adam, an admin, sets Bo's password on a device of his own by a link that he made. */
async function resetByAdam(app: TestApp, bo: Person): Promise<void> {
  const adam = await app.person("Adam", { role: "admin" });
  const { url } = await adam.api.users.makeResetLink.mutate({ userId: bo.id });
  const token = new URL(url).hash.slice(1);
  await app.device().client("http").auth.resetPassword.mutate({ token, password: PASSWORD });
}

async function signIn(screen: Screen): Promise<void> {
  await screen.page.getByRole("textbox", { name: "Name", exact: true }).fill("Bo");
  await screen.page.getByRole("textbox", { name: "Password", exact: true }).fill(PASSWORD);
  await screen.button("Sign in").click();
}

const notice = (screen: Screen) => screen.dialog("Your password was reset");
const told = (screen: Screen) =>
  notice(screen).getByText(/^Your password was reset on .+, with a link that Adam made\.$/);

describe("a password reset by an admin's link", () => {
  for (const viewport of [{ width: 1280, height: 800 }, { width: 390, height: 844 }]) {
    it(`is shown at the next sign-in on each device, ${viewport.width} pixels wide`, async () => {
      await using app = await chatApp();
      const bo = await app.person("Bo");
      await resetByAdam(app, bo);
      await using screen = await openScreen(browser, { url: app.url, viewport });
      await signIn(screen);
      await shows(told(screen));
      await checkBothThemes(screen);
      // Closed without an answer, it comes again.
      await screen.page.keyboard.press("Escape");
      await hides(notice(screen));
      await screen.page.reload();
      await shows(told(screen));
      await notice(screen).getByRole("button", { name: "OK" }).click();
      await hides(notice(screen));

      // Where it would stand comes with the dialogs, so by then it would be there.
      await screen.page.reload();
      const account = await screen.openSettings("Account");
      await shows(account.getByRole("listitem").filter({ hasText: "with a link that Adam made" }));
      expect(await notice(screen).count()).toBe(0);
      await checkBothThemes(screen);

      await using other = await openScreen(browser, { url: app.url, viewport });
      await signIn(other);
      await shows(told(other));
      await notice(other).getByRole("button", { name: "Change password" }).click();
      await hides(notice(other));
      await shows(other.dialog("Settings").getByRole("textbox", { name: "Current password" }));
    });
  }

  it("is shown to whoever used the link too, and again if the part did not load at first", async () => {
    await using app = await chatApp();
    const bo = await app.person("Bo");
    const { url } = await app.owner.api.users.makeResetLink.mutate({ userId: bo.id });
    await using screen = await openScreen(browser, {
      url: app.url + new URL(url).pathname + new URL(url).hash,
    });
    screen.profile.allowProblems(/Failed to load resource|ERR_FAILED/);
    let askedCount = 0;
    await screen.page.route(
      /\/Overlays[^/]*\.js$/,
      (route) => askedCount++ === 0 ? route.abort() : route.continue(),
    );
    await screen.page.getByRole("textbox", { name: "New password" }).fill(PASSWORD);
    await screen.page.getByRole("textbox", { name: "New password" }).press("Enter");
    await shows(notice(screen).getByText(/with a link that Ana made\.$/));
    await eventually(() => askedCount).toBeGreaterThan(1);
  });

  it("does not concern people without a reset", async () => {
    await using app = await chatApp();
    const bo = await app.person("Bo");
    await using screen = await openScreen(browser, { url: app.url, cookie: bo.device.cookie });
    const account = await screen.openSettings("Account");
    await shows(account.getByRole("textbox", { name: "Your name" }));
    expect(await notice(screen).count()).toBe(0);
    await hides(account.getByRole("heading", { name: "Password resets" }));
  });
});
