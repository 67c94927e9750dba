import { afterAll, beforeAll, describe, it } from "vitest";
import { AddressRanges } from "../../server/net/address.ts";
import { openBrowser } from "../support/browser.ts";
import type { TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import { openForwardingProxy } from "../support/forwarding_proxy.ts";
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

const NOTICE = "Everyone appears to connect from 127.0.0.1";

describe("behind a proxy that TRUST_PROXY does not name", () => {
  for (const viewport of [{ width: 1280, height: 800 }, { width: 390, height: 844 }]) {
    it(`owners see a notice, ${viewport.width} pixels wide`, async () => {
      await using proxy = await openForwardingProxy("203.0.113.7");
      await using app = await testApp({ files: await builtClient(), config: { publicUrl: proxy.url } });
      proxy.serve(app.port);
      const { cookie } = app.owner.device;
      await using ana = await openScreen(browser, { url: proxy.url, cookie, viewport });
      const place = await ana.openSettings("Workspace");
      await shows(place.getByText(NOTICE));
      await shows(place.getByText("TRUST_PROXY=127.0.0.1"));
      await checkBothThemes(ana);
    });
  }

  it("there is no notice if the proxy is named", async () => {
    const trustProxy = new AddressRanges();
    trustProxy.add("127.0.0.0/8");
    await using proxy = await openForwardingProxy("203.0.113.7");
    await using app = await testApp({
      files: await builtClient(),
      config: { publicUrl: proxy.url, trustProxy },
    });
    proxy.serve(app.port);
    await using ana = await openScreen(browser, { url: proxy.url, cookie: app.owner.device.cookie });
    const place = await ana.openSettings("Workspace");
    await shows(place.getByRole("textbox", { name: "Workspace name" }));
    await hides(place.getByText(NOTICE));
  });
});
