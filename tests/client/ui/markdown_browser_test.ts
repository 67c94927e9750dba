import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectNoAxeViolations } from "../../support/accessibility.ts";
import { openBrowser } from "../../support/browser.ts";
import type { TestBrowser } from "../../support/browser.ts";
import { serveComponentPage } from "../../support/component_page.ts";
import type { ComponentPage } from "../../support/component_page.ts";

let parts: ComponentPage;
let browser: TestBrowser;

beforeAll(async () => {
  parts = await serveComponentPage("tests/client/ui/MarkdownPage.tsx");
  browser = await openBrowser();
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await parts[Symbol.asyncDispose]();
});

const ALLOWED_TAGS = "DIV P BR STRONG EM S CODE A UL OL LI BLOCKQUOTE HR PRE BUTTON svg rect path SPAN BDI"
  .split(" ");
const ALLOWED_ATTRIBUTES = [
  "class",
  "dir",
  "href",
  "title",
  "target",
  "rel",
  "start",
  "tabindex",
  "role",
  "type",
];

describe("Markdown in a browser", () => {
  it("makes nothing but allowed nodes and links of any text, and no report of the policy", async () => {
    await using profile = await browser.openProfile();
    const page = await profile.openPage();
    const dialogs: string[] = [];
    page.on("dialog", (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    await page.goto(parts.url);
    await page.waitForSelector("#nasty blockquote");
    const seen = await page.evaluate(() => {
      const nodes = [...document.querySelectorAll("#nasty *")];
      return {
        tags: [...new Set(nodes.map((node) => node.tagName))],
        attributes: [
          ...new Set(
            nodes.filter((node) => node.closest("svg") === null).flatMap((node) => node.getAttributeNames()),
          ),
        ],
        links: [...document.querySelectorAll<HTMLAnchorElement>("#nasty a")].map((link) => ({
          protocol: link.protocol,
          rel: link.rel,
          target: link.target,
        })),
      };
    });
    expect(seen.tags.filter((tag) => !ALLOWED_TAGS.includes(tag))).toEqual([]);
    const odd = seen.attributes.filter((name) =>
      !ALLOWED_ATTRIBUTES.includes(name) && !name.startsWith("aria-")
    );
    expect(odd).toEqual([]);
    expect(seen.links.length).toBeGreaterThan(0);
    for (const link of seen.links) {
      expect(["http:", "https:", "mailto:"]).toContain(link.protocol);
      expect(link).toMatchObject({ rel: "noopener noreferrer", target: "_blank" });
    }
    expect(dialogs).toEqual([]);
  });

  it("keeps towers of marks and reversed text inside their own message", async () => {
    await using profile = await browser.openProfile();
    const page = await profile.openPage(parts.url);
    await page.waitForSelector("#nasty blockquote");
    const styles = await page.locator("#nasty .markdown").evaluateAll((texts) =>
      texts.map((text) => {
        const { overflowY, unicodeBidi } = getComputedStyle(text);
        return `${overflowY} ${unicodeBidi}`;
      })
    );
    expect(new Set(styles)).toEqual(new Set(["clip isolate"]));
  });

  it("opens a named room on this page and marks who is named", async () => {
    await using profile = await browser.openProfile();
    const page = await profile.openPage(parts.url);
    await page.click("#tame a.at");
    expect(await page.title()).toBe("/r/AAAAAAAAAAAAAAAA");
    expect(await page.textContent("#tame .at.is-me")).toBe("@Ana");
  });

  it("marks people whose names are written in letters that look alike", async () => {
    await using profile = await browser.openProfile();
    const page = await profile.openPage(parts.url);
    await page.locator("#lookalike .at.is-me", { hasText: "@\u0410n\u0430" }).waitFor();
  });

  it("colours code and copies it", async () => {
    await using profile = await browser.openProfile();
    await profile.context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const page = await profile.openPage(parts.url);
    await page.waitForSelector("#tame .code-keyword");
    await page.hover("#tame .code-block");
    await page.click("#tame .code-copy");
    await page.waitForSelector("#tame .code-copy:has-text('Copied')");
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("const a = 1;");
  });

  it("copies without a clipboard too, as on a page without HTTPS", async () => {
    await using profile = await browser.openProfile();
    await profile.context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const page = await profile.openPage(parts.url);
    await page.evaluate(() => Clipboard.prototype.writeText = () => Promise.reject(new Error("Not here")));
    await page.hover("#tame .code-block");
    await page.click("#tame .code-copy");
    await page.waitForSelector("#tame .code-copy:has-text('Copied')");
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("const a = 1;");
  });

  it("has no accessibility fault in either theme", async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      await using profile = await browser.openProfile({ colorScheme });
      const page = await profile.openPage(parts.url);
      await page.waitForSelector("#tame .code-keyword");
      await page.evaluate(() => document.getElementById("nasty")?.remove());
      await expectNoAxeViolations(page);
    }
  });
});
