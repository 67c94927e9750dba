import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectNoAxeViolations } from "../../support/accessibility.ts";
import type { Page, Profile, TestBrowser } from "../../support/browser.ts";
import { countPictures, openCallBrowser } from "../../support/call_browser.ts";
import { serveComponentPage } from "../../support/component_page.ts";
import type { ComponentPage } from "../../support/component_page.ts";

const DESK = { viewport: { width: 1008, height: 740 } };
const PHONE = { viewport: { width: 390, height: 788 }, hasTouch: true, isMobile: true };
const PHONE_ON_ITS_SIDE = { viewport: { width: 844, height: 390 }, hasTouch: true, isMobile: true };

let browser: TestBrowser;
let parts: ComponentPage;
beforeAll(async () => {
  browser = await openCallBrowser();
  parts = await serveComponentPage("tests/client/calls/CallPage.tsx");
});
afterAll(async () => {
  await parts[Symbol.asyncDispose]();
  await browser[Symbol.asyncDispose]();
});

async function openScene(
  name: string,
  options: object = DESK,
): Promise<{ page: Page; profile: Profile } & AsyncDisposable> {
  const profile = await browser.openProfile(options);
  const page = await profile.openPage(`${parts.url}#${name}`);
  return { page, profile, [Symbol.asyncDispose]: () => profile[Symbol.asyncDispose]() };
}

/** The places of these elements on the screen. */
function boxesOf(page: Page, selector: string) {
  return page.locator(selector).evaluateAll((elements) =>
    elements.map((element) => {
      const { left, top, right, bottom, width, height } = element.getBoundingClientRect();
      return { left, top, right, bottom, width, height };
    })
  );
}

describe("a call", () => {
  for (
    const scene of [
      "screen",
      "group",
      "outgoing",
      "alone",
      "sharing",
      "speaker",
      "forwarded",
      "lobby-refused",
      "cards",
    ]
  ) {
    it(`has no accessibility findings: ${scene}`, async () => {
      await using opened = await openScene(scene);
      await opened.page.locator("section").first().waitFor();
      await expectNoAxeViolations(opened.page);
    });
  }

  it("shows pictures that move, and a screen bigger than the faces", async () => {
    await using opened = await openScene("screen");
    const { page } = opened;
    expect(await countPictures(page, ".tile-screen video", { withinMs: 30_000, enough: 2 })).toBe(2);
    expect(await countPictures(page, ".tile:not(.tile-screen) video", { withinMs: 30_000, enough: 2 })).toBe(
      2,
    );
    const [screen, ...faces] = await boxesOf(page, ".tile");
    expect(faces.length).toBe(4);
    for (const face of faces) expect(face.width * 3).toBeLessThan(screen?.width ?? 0);
  });

  it("shows faces instead of a screen, and the screen again", async () => {
    await using opened = await openScene("screen");
    const { page } = opened;
    const focused = () =>
      page.evaluate(() => document.activeElement?.closest(".call-chip, .tile-screen")?.className);
    await page.getByRole("button", { name: "Show faces instead" }).click();
    await page.locator(".tile-screen").waitFor({ state: "detached" });
    expect(await page.locator(".tiles").getAttribute("data-layout")).toBe("grid");
    expect(await focused()).toBe("call-chip");
    await page.getByRole("button", { name: "Dara shares a screen · Show" }).click();
    await page.locator(".tile-screen").waitFor();
    expect(await focused()).toContain("tile-screen");
  });

  it("says how long it has lasted, by the server's clock", async () => {
    await using opened = await openScene("pair");
    await opened.page.getByRole("timer").getByText("12:34", { exact: true }).waitFor();
  });

  it("turns the user's own picture off by a switch, and says so", async () => {
    await using opened = await openScene("pair");
    const { page } = opened;
    await page.getByRole("button", { name: "Mute", exact: true }).click();
    await page.getByRole("button", { name: "Unmute", exact: true }).waitFor();
    await page.getByText("Muted: You").waitFor();
  });

  it("makes a tile big by a click, and small again", async () => {
    await using opened = await openScene("group");
    const { page } = opened;
    await page.getByRole("button", { name: "Make Cleo big" }).click();
    expect(await page.locator(".tile.is-big").getAttribute("data-participant")).toMatch(/Cleo/);
    await page.getByRole("button", { name: "Make Cleo small" }).click();
    await page.locator(".tile.is-big").waitFor({ state: "detached" });
  });

  it("goes on with the same pictures when tiles change their places", async () => {
    await using opened = await openScene("screen");
    const { page } = opened;
    expect(await countPictures(page, "video", { withinMs: 30_000, enough: 2 })).toBe(2);
    const numbersOf = () =>
      page.locator("video").evaluateAll((videos) =>
        videos.map((video) => (video as HTMLVideoElement).paused ? "paused" : Reflect.get(video, "number"))
      );
    await page.locator("video").evaluateAll((videos) =>
      videos.forEach((video, number) => Reflect.set(video, "number", number))
    );
    await page.getByRole("button", { name: "Make Ana big" }).click();
    await page.getByRole("button", { name: "Make Ana small" }).waitFor();
    expect((await numbersOf()).sort()).toEqual([0, 1]);
    await page.getByRole("button", { name: "Make Dara’s screen big" }).click();
    await page.getByRole("button", { name: "Make Ana big" }).waitFor();
    expect((await numbersOf()).sort()).toEqual([0, 1]);
  });

  it("says who raised a hand first, who is muted and whose connection is weak", async () => {
    await using opened = await openScene("group");
    const { page } = opened;
    await page.getByText("Cleo raised a hand, number 1").waitFor({ state: "attached" });
    await page.getByText("Dara raised a hand, number 2").waitFor({ state: "attached" });
    await page.getByText("Reconnecting…").waitFor();
    await page.getByText("Muted: Cleo").waitFor();
    await using weak = await openScene("screen");
    await weak.page.getByText("Weak connection · packets to you are lost").waitFor();
  });

  it("says that it is not end-to-end encrypted when a media server forwards it, until that was read", async () => {
    await using opened = await openScene("forwarded");
    const { page } = opened;
    const hint = page.getByText("This call goes through a media server, so it is not end-to-end encrypted.");
    await hint.waitFor();
    await page.getByRole("button", { name: "Options for Ana" }).click();
    await page.getByRole("button", { name: "Not end-to-end encrypted" }).waitFor();
    expect(await page.getByRole("button", { name: "Compare the safety code" }).count()).toBe(0);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Dismiss" }).click();
    await hint.waitFor({ state: "detached" });
  });

  it("covers neither tiles nor controls by what it tells", async () => {
    await using opened = await openScene("group");
    await opened.page.locator(".call-hint").waitFor();
    const [hint] = await boxesOf(opened.page, ".call-hint");
    const [tiles] = await boxesOf(opened.page, ".call-view");
    const [controls] = await boxesOf(opened.page, ".call-control");
    expect(hint?.top).toBeGreaterThanOrEqual(tiles?.bottom ?? Infinity);
    expect(hint?.bottom).toBeLessThanOrEqual(controls?.top ?? 0);
  });

  it("ends when one leaves", async () => {
    await using opened = await openScene("group");
    await opened.page.getByRole("button", { name: "Leave", exact: true }).click();
    await opened.page.getByText("The call is over").waitFor();
    expect(await opened.page.locator("video").count()).toBe(0);
  });

  for (const [name, options] of [["upright", PHONE], ["on its side", PHONE_ON_ITS_SIDE]] as const) {
    it(`fits on a phone ${name}, with targets for fingers`, async () => {
      await using opened = await openScene("screen", options);
      const { page } = opened;
      await page.locator(".tile").last().waitFor();
      const { width, height } = options.viewport;
      const [stage] = await boxesOf(page, ".call-stage");
      for (const box of await boxesOf(page, ".tile, .call-control")) {
        expect(box.right).toBeLessThanOrEqual(width);
        expect(box.bottom).toBeLessThanOrEqual(height);
        expect(box.top).toBeGreaterThanOrEqual(stage?.top ?? 0);
      }
      for (const box of await boxesOf(page, ".call-control")) {
        expect(Math.min(box.width, box.height)).toBeGreaterThanOrEqual(44);
      }
      expect(await page.getByRole("button", { name: "Share", exact: true }).count()).toBe(0);
    });
  }

  for (const [name, options] of [["a desk", DESK], ["a phone", PHONE]] as const) {
    it(`has a last row that is not full in the middle, on ${name}`, async () => {
      await using opened = await openScene("group", options);
      const { page } = opened;
      await expect.poll(() => page.locator(".tile").count(), { timeout: 30_000 }).toBe(5);
      const [all] = await boxesOf(page, ".tiles");
      const tiles = await boxesOf(page, ".tile");
      const bottom = Math.max(...tiles.map((tile) => tile.bottom));
      const last = tiles.filter((tile) => tile.bottom > bottom - 2);
      expect(last.length).toBe(options === DESK ? 2 : 1);
      const middle = (Math.min(...last.map(({ left }) =>
        left
      )) + Math.max(...last.map(({ right }) => right))) / 2;
      expect(Math.abs(middle - ((all?.left ?? 0) + (all?.right ?? 0)) / 2)).toBeLessThan(1);
      expect(bottom).toBeLessThanOrEqual((all?.bottom ?? 0) + 1);
      for (const { width, height } of tiles) {
        expect(Math.abs(width - (tiles[0]?.width ?? 0)) + Math.abs(height - (tiles[0]?.height ?? 0)))
          .toBeLessThan(1);
      }
    });

    it(`makes room for the files of two people, on ${name}`, async () => {
      await using opened = await openScene("pair", options);
      const { page } = opened;
      const own = page.locator(".tile.is-own");
      await own.waitFor();
      await page.evaluate(() => {
        const files = document.createElement("section");
        files.className = "files";
        files.append(...Array.from({ length: 20 }, () => {
          const file = document.createElement("div");
          file.className = "file";
          file.textContent = "plan.pdf";
          return file;
        }));
        document.body.append(files);
      });
      const [files, tile] = [await boxesOf(page, ".files"), await boxesOf(page, ".tile.is-own")];
      const [face, label] = await boxesOf(page, ".tile.is-own .face, .tile.is-own .tile-name");
      expect(face?.bottom).toBeLessThanOrEqual(label?.top ?? 0);
      expect(tile[0]?.bottom).toBeLessThan(files[0]?.top ?? 0);
      await page.locator(".files").evaluate((element) => element.remove());
      expect((await boxesOf(page, ".tile.is-own"))[0]?.top).toBeGreaterThan(tile[0]?.bottom ?? Infinity);
    });
  }

  it("is mirrored for readers from right to left", async () => {
    await using opened = await openScene("screen");
    const { page } = opened;
    await page.locator(".tile-screen").waitFor();
    await page.evaluate(() => document.documentElement.dir = "rtl");
    const [screen, face] = await boxesOf(page, ".tile");
    expect(screen?.left).toBeGreaterThan(face?.left ?? Infinity);
  });
});

describe("the lobby", () => {
  it("shows the own picture mirrored, and the switches", async () => {
    await using opened = await openScene("lobby");
    const { page } = opened;
    await page.getByRole("button", { name: "Camera" }).click();
    expect(await countPictures(page, ".lobby-picture video", { withinMs: 30_000, enough: 2 })).toBe(2);
    const transform = await page.locator(".lobby-picture video").evaluate((video) =>
      getComputedStyle(video).transform
    );
    expect(transform).toBe("matrix(-1, 0, 0, 1, 0, 0)");
    await page.getByText("Devices and sound").click();
    for (const name of ["Suppress noise", "Cancel echo", "Adjust the volume"]) {
      expect(await page.getByRole("checkbox", { name }).isChecked()).toBe(true);
    }
    await page.getByRole("combobox", { name: "Microphone" }).waitFor();
  });

  it("joins without any device, and remembers that", async () => {
    await using opened = await openScene("lobby");
    const { page } = opened;
    await page.getByRole("button", { name: "Listen only" }).click();
    await page.getByText("You join without microphone and camera").waitFor();
    await page.reload();
    await page.getByText("You join without microphone and camera").waitFor();
    await page.getByRole("button", { name: "Use the microphone" }).click();
    await page.getByRole("button", { name: "Listen only" }).waitFor();
  });

  it("says what is refused and how to mend it in this browser", async () => {
    await using opened = await openScene("lobby-refused");
    await opened.page.getByText("Parley may not use your microphone.").waitFor();
    await opened.page.getByText("Click the icon beside the address").waitFor();
  });

  it("lets one choose whom to call", async () => {
    await using opened = await openScene("lobby");
    const { page } = opened;
    await page.getByText("Ring…").click();
    await page.getByRole("checkbox", { name: "Bo" }).check();
    await page.getByText("Ring 1 person").waitFor();
  });
});

describe("a card that somebody calls", () => {
  it("has its buttons within its edges, on a small phone", async () => {
    await using opened = await openScene("cards", { viewport: { width: 320, height: 568 } });
    await opened.page.locator(".ring-card").first().waitFor();
    const [card] = await boxesOf(opened.page, ".ring-card");
    const rights = (await boxesOf(opened.page, ".ring-buttons button")).map(({ right }) => right);
    expect(rights).toHaveLength(5);
    expect(Math.max(...rights)).toBeLessThanOrEqual(card?.right ?? 0);
  });
});

it("the bar of a call is not covered while the connection is lost", async () => {
  await using opened = await openScene("away", PHONE);
  await opened.page.locator(".notice").waitFor();
  const [bar] = await boxesOf(opened.page, ".call-bar");
  const [notice] = await boxesOf(opened.page, ".notice");
  expect(notice?.bottom).toBeLessThanOrEqual(bar?.top ?? 0);
});
