import { describe, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import { waitFor } from "../support/wait.ts";
import { chatApp, seat } from "./people_kit.ts";

/** Two failed dials, and the streams behind them. */
const SWITCH_WITHIN_MS = 20_000;

describe("a network without WebSocket", () => {
  it("carries the whole chat over HTTP and streams", async () => {
    await using app = await chatApp();
    await using browser = await openBrowser();
    const ben = await app.person("Ben");
    await using ana = await seat(browser, { app, person: app.owner });
    await using blocked = await seat(browser, { app, person: ben }, { hasNoWebSocket: true });
    // The browser says itself that dials are refused.
    blocked.profile.allowProblems(/WebSocket connection to .* failed/);
    await blocked.openRoom("General");
    await waitFor(() => app.services.connections.streamCount === 2, { timeoutMs: SWITCH_WITHIN_MS });
    await ana.openRoom("General");
    await blocked.say("Only HTTP here");
    await ana.sees("Only HTTP here");
    await ana.say("It comes through");
    await blocked.sees("It comes through");
    expect(await blocked.texts()).toEqual(await ana.texts());
    // Typing and presence come with the rooms on the one other stream.
    await ana.box.fill("Writing");
    await blocked.page.getByText("Ana is typing…").waitFor();
    await waitFor(async () => (await ana.members.innerText()).includes("Online — 2"));
    await blocked.page.getByText(/Reconnecting/).waitFor({ state: "detached" });
  }, 60_000);
});
