import type { TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import { pushSubscription } from "../support/push_subscription.ts";
import { testApp } from "../support/test_app.ts";
import { openScreen } from "../system/people_kit.ts";
import { replacePushService } from "../system/pushed_browser.ts";

/** The settings of notifications, on a device that is pushed to. */
export async function notificationsPicture(browser: TestBrowser): Promise<Uint8Array> {
  await using app = await testApp({
    files: await builtClient(),
    config: { pushHosts: ["fcm.googleapis.com"] },
  });
  await app.owner.api.settings.set.mutate({
    level: "mentions",
    quietHours: { from: "22:00", to: "07:00" },
    timeZone: "Europe/Lisbon",
  });
  await using screen = await openScreen(browser, {
    url: app.url,
    cookie: app.owner.device.cookie,
    serviceWorkers: "allow",
    permissions: ["notifications"],
    colorScheme: "light",
    locale: "en-GB",
    timezoneId: "Europe/Lisbon",
  });
  await replacePushService(screen, pushSubscription(1));
  await screen.openSettings("Notifications");
  await screen.page.getByRole("switch", { name: /^Notifications on this device/ }).click();
  await screen.button("Send a test").waitFor();
  return await screen.dialog("Settings").screenshot();
}
