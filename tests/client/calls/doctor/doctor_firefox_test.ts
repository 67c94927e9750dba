import { beforeAll, describe, expect, it } from "vitest";
import { parseConfig } from "../../../../server/config.ts";
import { StunServer } from "../../../../server/net/stun_server.ts";
import { builtClient } from "../../../support/built_client.ts";
import { hasCoturn, startCoturn } from "../../../support/coturn.ts";
import { hasFirefox, openFirefox } from "../../../support/firefox.ts";
import { freePort } from "../../../support/free_port.ts";
import { testApp } from "../../../support/test_app.ts";
import { waitFor } from "../../../support/wait.ts";

const SECRET = "the-secret-of-these-relays";
const canRun = await hasFirefox() && await hasCoturn();

beforeAll(async () => void await builtClient());

describe.skipIf(!canRun)("the call doctor in Firefox", () => {
  it("tells servers that it reaches from those that it does not, and calls itself", async () => {
    await using stun = await StunServer.open({ hosts: ["127.0.0.1"], port: 0 });
    await using relay = await startCoturn({ secret: SECRET });
    const port = freePort();
    const { stunUrls, turn } = parseConfig({
      // Firefox refuses the second one, as its port is for something else.
      STUN_URLS: `stun:${stun.addresses[0]},stun:127.0.0.1:9`,
      TURN_URLS: [
        `turn:127.0.0.1:${relay.port}?transport=udp`,
        `turn:127.0.0.1:${relay.port}?transport=tcp`,
        `turn:127.0.0.1:${port}?transport=udp`,
      ].join(","),
      TURN_SECRET: SECRET,
    });
    await using app = await testApp({ files: await builtClient(), config: { stunUrls, turn } });
    await using firefox = await openFirefox();
    const session = (app.owner.device.cookie ?? "").replace(/^sid=/, "");
    const page = await firefox.openPage({ url: `${app.url}/doctor`, session });
    const press = (name: string) =>
      page.evaluate((name) => {
        const button = [...document.querySelectorAll("button")].find(({ textContent }) =>
          textContent === name
        );
        button?.click();
        return button !== undefined;
      }, name);
    await waitFor(() => press("Start the tests"), { timeoutMs: 30_000 });
    const text = () => page.evaluate(() => document.querySelector<HTMLElement>(".doctor")?.innerText ?? "");
    await waitFor(async () => (await text()).includes("Test again"), { timeoutMs: 60_000 });
    const found = await text();
    expect(found).toMatch(new RegExp(`UDP ${stun.addresses[0]}: answers after \\d+ ms`));
    expect(found).toContain("UDP 127.0.0.1:9: no answer");
    expect(found).toMatch(new RegExp(`UDP 127.0.0.1:${relay.port}: answers after \\d+ ms`));
    expect(found).toMatch(new RegExp(`TCP 127.0.0.1:${relay.port}: answers after \\d+ ms`));
    expect(found).toContain(`UDP 127.0.0.1:${port}: no answer`);
    expect(found).toMatch(/Direct · UDP: \d+ ms/);
  }, 120_000);
});
