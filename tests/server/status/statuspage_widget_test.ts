// deno-lint-ignore no-import-prefix -- test tool: kept out of deno.json, which every start fetches
import widget from "npm:@statuspage/status-widget@1.0.5/dist/index.js" with { type: "text" };
import { describe, expect, it } from "vitest";
import { openBrowser } from "../../support/browser.ts";
import { testApp } from "../../support/test_app.ts";

/** The package assigns to a variable that only its bundler declares. */
const WIDGET_SCRIPT = `var parcelRequire;${widget}`;

describe("Statuspage's own widget on a page elsewhere", () => {
  it("shows our state", async () => {
    const clock = { now: Date.parse("2030-01-31T12:00:00.000Z") };
    await using app = await testApp({ now: () => clock.now });
    await using elsewhere = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen: () => {} },
      () =>
        new Response("<!doctype html><title>Elsewhere</title>", { headers: { "content-type": "text/html" } }),
    );
    await using browser = await openBrowser();
    const shown = async (appearance: string) => {
      // Another browser each time: one that has an answer keeps it for ten seconds, as it should.
      await using profile = await browser.openProfile();
      const page = await profile.openPage(`http://127.0.0.1:${elsewhere.addr.port}`);
      await page.addScriptTag({ content: WIDGET_SCRIPT });
      await page.evaluate(([src, name]) => {
        const element = document.createElement("statuspage-widget");
        element.setAttribute("src", src ?? "");
        element.setAttribute("appearance", name ?? "");
        document.body.replaceChildren(element);
      }, [app.url, appearance]);
      const indicator = page.locator(".status-indicator");
      await indicator.waitFor({ state: "attached" });
      return [await indicator.getAttribute("class"), await page.locator(".status-container").innerText()];
    };
    expect(await shown("basic")).toEqual(["status-indicator minor", "Minor Service Outage"]);
    const { board, incidents } = app.services.status;
    clock.now += 20_000;
    for (const { id } of board.components()) board.measure(id, { state: "operational", at: clock.now });
    expect(await shown("basic")).toEqual(["status-indicator none", "All Systems Operational"]);
    const components = [{ id: "live", status: "major_outage" }] as const;
    await incidents.open({ title: "Down", text: "Down.", components }, app.owner.id);
    expect(await shown("basic")).toEqual(["status-indicator critical", "Major Service Outage"]);
    expect((await shown("badge"))[1]).toMatch(/major service outage$/);
  });
});
