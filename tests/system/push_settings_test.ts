import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import type { TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import { pushSubscription } from "../support/push_subscription.ts";
import { testApp } from "../support/test_app.ts";
import { chatApp, seat } from "./people_kit.ts";
import { replacePushService } from "./pushed_browser.ts";
import { eventually, Screen, shows } from "./screen.ts";

const ENDPOINT = "https://push.example/of-ana";
const SUBSCRIPTION = { ...pushSubscription(1), endpoint: ENDPOINT };

let browser: TestBrowser;

beforeAll(async () => {
  await builtClient();
  browser = await openBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

/** How a browser without pushes looks to the page, and what the page says. */
const IMPOSSIBLE: readonly (readonly [() => void, string])[] = [
  [() => void Object.defineProperty(globalThis, "isSecureContext", { value: false }), "browsers want HTTPS"],
  [
    () => void Reflect.deleteProperty(globalThis, "PushManager"),
    "Firefox, Chrome, Edge and Safari have them",
  ],
  [() => {
    Reflect.deleteProperty(globalThis, "PushManager");
    Object.defineProperty(navigator, "userAgent", {
      value: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X)",
    });
  }, "tap Share, then “Add to Home Screen”"],
];

const switchOf = ({ page }: Screen) => page.getByRole("switch", { name: /^Notifications on this device/ });

describe("notifications on this device", () => {
  it("are switched on and off, tried and renewed when the page opens again", async () => {
    await using app = await testApp({
      files: await builtClient(),
      config: { pushHosts: ["push.example"] },
    });
    const endpoints = async () =>
      (await app.services.push.subscriptions.devicesOf(app.owner.id)).map(({ endpoint }) => endpoint);
    await using ana = await seat(browser, { app, person: app.owner }, {
      serviceWorkers: "allow",
      permissions: ["notifications"],
      viewport: { width: 390, height: 844 },
    });
    await replacePushService(ana, SUBSCRIPTION);
    // A reload keeps the dialog open, with its first page.
    const reopen = async () => {
      await ana.page.reload();
      await ana.page.getByRole("tab", { name: "Notifications", exact: true }).click();
    };
    await ana.openSettings("Notifications");
    await switchOf(ana).click();
    await shows(ana.button("Send a test"));
    await eventually(endpoints).toEqual([ENDPOINT]);
    await ana.button("Send a test").click();
    await shows(ana.page.getByRole("status").filter({ hasText: "Sent." }));

    // The server has lost it, and the browser too.
    await app.owner.api.push.unsubscribe.mutate({ endpoint: ENDPOINT });
    await reopen();
    await eventually(endpoints).toEqual([ENDPOINT]);
    await shows(ana.button("Send a test"));
    await switchOf(ana).click();
    await eventually(endpoints).toEqual([]);
    await eventually(() => switchOf(ana).isChecked()).toBe(false);
    await reopen();
    expect(await switchOf(ana).isChecked()).toBe(false);
  });

  it("say in plain words why they are not possible, and what to do", async () => {
    await using app = await chatApp();
    await using ana = await seat(browser, { app, person: app.owner });
    await ana.openSettings("Notifications");
    await shows(
      ana.page.getByText(/push notifications are off on this server.+ an https address and PUSH_HOSTS/),
    );
    expect(await switchOf(ana).isDisabled()).toBe(true);

    await using open = await testApp({ files: await builtClient(), config: { pushHosts: ["push.example"] } });
    await using ben = await seat(browser, { app: open, person: open.owner }, { permissions: [] });
    await ben.openSettings("Notifications");
    await shows(ben.page.getByText("This browser blocks notifications from Parley. Click the icon left"));
    expect(await switchOf(ben).isDisabled()).toBe(true);
    for (const [prepare, words] of IMPOSSIBLE) {
      const page = await ben.profile.openPage();
      await page.addInitScript(prepare);
      await page.goto(open.url);
      const screen = new Screen(ben.profile, page);
      await screen.openSettings("Notifications");
      await shows(page.getByText(words));
      expect(await switchOf(screen).isDisabled()).toBe(true);
      await page.close();
    }
  }, 60_000);

  it("ask again after a question that was closed, and say how to allow what was refused", async () => {
    await using app = await testApp({ files: await builtClient(), config: { pushHosts: ["push.example"] } });
    await using ana = await seat(browser, { app, person: app.owner });
    await ana.page.addInitScript(() => {
      const answers: NotificationPermission[] = ["default", "denied"];
      let permission: NotificationPermission = "default";
      Object.defineProperty(Notification, "permission", { get: () => permission });
      Notification.requestPermission = () => Promise.resolve(permission = answers.shift() ?? "denied");
    });
    await ana.page.reload();
    await ana.openSettings("Notifications");
    await switchOf(ana).click();
    await shows(ana.page.getByText("Try again, and choose “Allow” when the browser asks."));
    expect(await switchOf(ana).isChecked()).toBe(false);
    await switchOf(ana).click();
    await shows(ana.page.getByText("Click the icon left of the address, and switch Notifications on."));
    expect(await switchOf(ana).isDisabled()).toBe(true);
    expect(await app.services.push.subscriptions.devicesOf(app.owner.id)).toEqual([]);
  });
});
