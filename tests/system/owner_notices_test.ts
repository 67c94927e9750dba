import { afterAll, beforeAll, describe, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import type { TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import { ROOT_ONLY, withSmallDisk } from "../support/small_disk.ts";
import { testApp } from "../support/test_app.ts";
import { checkBothThemes } from "./both_themes.ts";
import { openScreen } from "./people_kit.ts";
import { hides, shows } from "./screen.ts";

let browser: TestBrowser;

beforeAll(async () => {
  await builtClient();
  browser = await openBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

describe("the workspace settings", () => {
  it.skipIf(!ROOT_ONLY.isPossible)(
    "say that the disk is almost full, and when the certificate ends",
    async () => {
      await withSmallDisk({ size: "40m" }, async (folder) => {
        await using app = await testApp({
          files: await builtClient(),
          config: { dataDir: `${folder}/data` },
        });
        await using ana = await openScreen(browser, { url: app.url, cookie: app.owner.device.cookie });
        const place = await ana.openSettings("Workspace");
        await shows(place.getByRole("textbox", { name: "Workspace name" }));
        await hides(place.getByText("The disk of the server"));
        await app.server.monitor.tick();
        const endsAt = { value: "2030-01-31T12:00:00.000Z" };
        Object.defineProperty(app.services.ownerWarnings, "certificateEndsAt", endsAt);
        await ana.page.reload();
        // The dialog is still open after it.
        await shows(ana.dialog("Settings"));
        await ana.openSettings("Workspace");
        await shows(place.getByText(/The disk of the server has only \d\d MB left/));
        await shows(place.getByText(/valid until .*2030/));
        await checkBothThemes(ana);
      });
    },
  );
});
