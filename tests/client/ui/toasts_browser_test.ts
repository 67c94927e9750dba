import { describe, expect, it } from "vitest";
import { openBrowser } from "../../support/browser.ts";
import { serveComponentPage } from "../../support/component_page.ts";

describe("a toast over a dialog", () => {
  it("goes by its cross, and the dialog stays", async () => {
    await using parts = await serveComponentPage("tests/client/ui/ToastPage.tsx");
    await using browser = await openBrowser();
    await using profile = await browser.openProfile();
    const page = await profile.openPage(parts.url);
    await page.getByRole("button", { name: "Cause" }).click();
    const toast = page.locator(".toast");
    const cross = await toast.locator("button").boundingBox();
    if (cross === null) throw new Error("The toast has no cross");
    // As a finger does it: what lies there is what is hit.
    await page.mouse.click(cross.x + cross.width / 2, cross.y + cross.height / 2);
    await toast.waitFor({ state: "detached", timeout: 3_000 });
    expect(await page.getByRole("dialog", { name: "Settings" }).isVisible()).toBe(true);
    // Beside the sheet it is the backdrop again.
    await page.mouse.click(5, 5);
    await page.getByRole("dialog").waitFor({ state: "detached" });
  });
});
