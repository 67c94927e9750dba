import { openCallBrowser } from "../support/call_browser.ts";
import type { Page } from "../support/browser.ts";
import { VIEWER } from "./harbour.ts";
import { openStage, roomOf, settled } from "./stage.ts";
import type { Stage } from "./stage.ts";

/** A tide table to share: what browsers make up for a screen is a green disc. */
function shareDrawing(): void {
  navigator.mediaDevices.getDisplayMedia = () => {
    const canvas = document.createElement("canvas");
    canvas.width = 1_280;
    canvas.height = 720;
    const paint = canvas.getContext("2d");
    const draw = () => {
      if (paint === null) return;
      paint.fillStyle = "#f6f5f0";
      paint.fillRect(0, 0, canvas.width, canvas.height);
      paint.fillStyle = "#1b1d1e";
      paint.font = "600 40px system-ui";
      paint.fillText("Tide tables, November", 60, 100);
      paint.fillStyle = "#d9d3c5";
      for (let row = 0; row < 9; row++) {
        paint.fillRect(60, 150 + row * 58, row % 3 === 2 ? 700 : 1_160, 26);
      }
    };
    draw();
    // A canvas sends a frame only when it is drawn.
    setInterval(draw, 200);
    return Promise.resolve(canvas.captureStream());
  };
}

/** Four people in the call of a room, one of whom shares a screen. */
export async function callPicture(): Promise<Uint8Array> {
  await using browser = await openCallBrowser();
  await using stage = await openStage(browser);
  await using opened = new AsyncDisposableStack();
  const first = await enter(stage, opened, { name: "Ana", how: "Start a call", verb: "Start" });
  await first.page.getByRole("button", { name: "Mute", exact: true }).click();
  await enter(stage, opened, { name: "Eli", how: /^Join/, verb: "Join" });
  await enter(stage, opened, { name: "Cleo", how: /^Join/, verb: "Join", shares: true });
  const { page } = await enter(stage, opened, { name: VIEWER, how: /^Join/, verb: "Join" });
  await page.getByText("Cleo shares a screen").waitFor();
  await page.waitForFunction(() => {
    const videos = [...document.querySelectorAll("video")];
    return videos.length > 0 && videos.every((video) => video.videoWidth > 0) &&
      document.querySelector(".tile-trouble") === null;
  });
  return await page.screenshot();
}

interface Entrance {
  readonly name: string;
  readonly how: string | RegExp;
  readonly verb: string;
  readonly shares?: boolean;
}

async function enter(
  stage: Stage,
  opened: AsyncDisposableStack,
  { name, how, verb, shares = false }: Entrance,
): Promise<{ page: Page }> {
  const profile = opened.use(await stage.open({ theme: "light", isPhone: false }, name));
  const page = await profile.openPage();
  page.on("dialog", (dialog) => void dialog.accept().catch(() => {}));
  if (shares) await page.addInitScript(shareDrawing);
  await page.goto(`${stage.server.url}/r/${roomOf(stage.demo, "General")}`);
  await settled(page);
  await page.getByRole("button", { name: how }).first().click();
  await page.locator(".lobby-buttons").getByRole("button", { name: verb, exact: true }).click();
  await page.getByRole("region", { name: /^Call in / }).waitFor();
  if (shares) await page.getByRole("button", { name: "Share", exact: true }).click();
  return { page };
}
