import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectNoAxeViolations } from "../../../support/accessibility.ts";
import { openBrowser } from "../../../support/browser.ts";
import type { Page, TestBrowser } from "../../../support/browser.ts";
import { serveComponentPage } from "../../../support/component_page.ts";
import type { ComponentPage } from "../../../support/component_page.ts";
import type { FiguresPage } from "./FiguresPage.tsx";

let browser: TestBrowser;
let parts: ComponentPage;

beforeAll(async () => {
  parts = await serveComponentPage("tests/client/calls/doctor/FiguresPage.tsx");
  browser = await openBrowser();
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await parts[Symbol.asyncDispose]();
});

/** Measures a person for so many seconds. */
function measure(page: Page, id: string, seconds: number, change: object = {}): Promise<void> {
  return page.evaluate(({ id, seconds, change }) => {
    const { figures } = globalThis as unknown as { figures: FiguresPage };
    for (let second = 0; second < seconds; second++) figures.measure(id, change);
  }, { id, seconds, change });
}

function set(page: Page, change: { open?: string | null; code?: string; phase?: string }): Promise<void> {
  return page.evaluate((change) => {
    const { figures } = globalThis as unknown as { figures: FiguresPage };
    for (const [name, value] of Object.entries(change)) Reflect.get(figures, name).value = value;
  }, change);
}

const join = (page: Page, id: string) =>
  page.evaluate((id) => (globalThis as unknown as { figures: FiguresPage }).figures.join(id), id);
const leave = (page: Page, id: string) =>
  page.evaluate((id) => (globalThis as unknown as { figures: FiguresPage }).figures.leave(id), id);
const listenerCount = (page: Page) =>
  page.evaluate(() => (globalThis as unknown as { figures: FiguresPage }).figures.listenerCount());

async function checkAxe(page: Page): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await expectNoAxeViolations(page);
  }
}

describe("the figures of a call", () => {
  it("show each person's route and the course of the last minute, and let go of it when closed", async () => {
    await using profile = await browser.openProfile();
    const page = await profile.openPage(parts.url);
    await page.getByText("Nobody else is in the call yet.").waitFor();
    await join(page, "Bo");
    await join(page, "Cleo");
    const bo = page.getByRole("region", { name: "Bo" });
    await bo.getByText("Measuring …").waitFor();
    await measure(page, "Bo", 1, { roundTripMs: 38 });
    await measure(page, "Bo", 1, { roundTripMs: 121.4 });
    await bo.getByText("Direct · UDP").waitFor();
    await bo.getByRole("img", { name: "Round trip: 121 ms, 38 ms to 121 ms in the last minute" }).waitFor();
    await bo.getByRole("img", { name: /^Up: 900 kbit\/s/ }).waitFor();
    await bo.getByRole("img", { name: /^Down: 1.2 Mbit\/s/ }).waitFor();
    // The line breaks where nothing was measured.
    await measure(page, "Bo", 1, { roundTripMs: null });
    await measure(page, "Bo", 1, { localType: "relay", relayProtocol: "tls", limitation: "cpu" });
    await bo.getByText("Relay · TLS").waitFor();
    await bo.getByText("because this computer is busy").waitFor();
    const chart = bo.getByRole("img", { name: /^Round trip/ });
    await expect.poll(() => chart.locator("polyline").count()).toBe(2);
    await checkAxe(page);
    // Through LiveKit, the way is known as far as LiveKit.
    await set(page, { open: "sfu_figures" });
    await bo.getByText("Relay · TLS").waitFor();
    await measure(page, "Bo", 1);
    await bo.getByText("LiveKit · UDP").waitFor();
    await bo.getByRole("img", { name: /^Lost on the way to LiveKit: 0%/ }).waitFor();
    await page.getByRole("region", { name: "Cleo" }).getByText("Nothing is sent yet").waitFor();
    await checkAxe(page);
    await set(page, { open: "figures" });
    // A minute later, what came before is forgotten.
    await measure(page, "Bo", 61);
    await bo.getByRole("img", { name: "Round trip: 40 ms, 40 ms to 40 ms in the last minute" }).waitFor();
    const points = await chart.locator("polyline").getAttribute("points");
    expect(points?.split(" ").length).toBe(60);
    await leave(page, "Bo");
    await bo.waitFor({ state: "detached" });
    expect(await listenerCount(page)).toBe(1);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await expect.poll(() => listenerCount(page)).toBe(0);
  });
});

describe("the safety code", () => {
  it("appears when the link is up, and says how to compare it", async () => {
    await using profile = await browser.openProfile();
    const page = await profile.openPage(parts.url);
    await set(page, { open: "code" });
    await page.getByText("as soon as you are connected").waitFor();
    await set(page, { code: "12345 67890 11111 22222 33333 44444", phase: "up" });
    const dialog = page.getByRole("dialog", { name: "Safety code with Bo" });
    await dialog.getByText("67890").waitFor();
    expect(await dialog.locator(".safety-code span").count()).toBe(6);
    await dialog.getByText("Have Bo open the same window").waitFor();
    await checkAxe(page);
    // A new connection has new certificates.
    await set(page, { code: "99999 67890 11111 22222 33333 44444", phase: "rebuilding" });
    await dialog.getByText("99999").waitFor();
    await set(page, { open: "sfu" });
    await dialog.getByText("not from end to end").waitFor();
    expect(await dialog.locator(".safety-code").count()).toBe(0);
    await checkAxe(page);
  });
});
