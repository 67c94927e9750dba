/**
 * `deno run -A tests/screens/main.ts` makes the pictures of the README anew. With a folder as argument it puts
 * pictures of every screen there instead, in two sizes and two themes; names after it choose some of them.
 * The system needs a font with emoji in colour.
 */
import { BUILT_FOLDER, writeBuilt } from "../../server/build/built_folder.ts";
import { bundleClient } from "../../server/build/client_bundle.ts";
import { openBrowser } from "../support/browser.ts";
import type { Page, TestBrowser } from "../support/browser.ts";
import { SCREENS } from "./all_screens.ts";
import { callPicture } from "./call_scene.ts";
import { OWNER, VIEWER } from "./harbour.ts";
import { notificationsPicture } from "./notifications_scene.ts";
import { review } from "./review.ts";
import { openStage, roomOf, settled } from "./stage.ts";
import type { Look, Stage } from "./stage.ts";
import { tellPublic } from "./status_scene.ts";

const ROOT = new URL("../..", import.meta.url).pathname;
const HERE = new URL(".", import.meta.url).pathname;
const MAX_BYTES = 250_000;

// What was built last may be older than the style sheets.
await writeBuilt(`${ROOT}/${BUILT_FOLDER}`, await bundleClient({ root: ROOT, isDev: false }));
await using browser = await openBrowser();
const [folder, ...words] = Deno.args;
if (folder === undefined) await picturesOfReadme(browser);
else {
  const wanted = words.length === 0 ? SCREENS : SCREENS.filter(({ name }) => words.includes(name));
  await review(browser, folder, wanted);
}

async function picturesOfReadme(browser: TestBrowser): Promise<void> {
  for (const theme of ["light", "dark"] as const) {
    await using stage = await openStage(browser);
    await save(`room-${theme}.png`, await roomPicture(stage, { theme, isPhone: false }));
    if (theme === "light") await save("invite.png", await invitePicture(stage));
  }
  await using stage = await openStage(browser);
  const list = await listPicture(stage, { theme: "light", isPhone: true });
  const room = await roomPicture(stage, { theme: "light", isPhone: true });
  await save("phone.png", await sideBySide(stage, [list, room]));
  await save("status.png", await statusPicture(stage));
  await save("call.png", await callPicture());
  await save("notifications.png", await notificationsPicture(browser));
}

async function roomPicture(stage: Stage, look: Look): Promise<Uint8Array> {
  await using profile = await stage.open(look, VIEWER);
  const page = await profile.openPage(`${stage.server.url}/r/${roomOf(stage.demo, "General")}`);
  await settled(page);
  const typing = await stage.type("General", ["Ana", "Eli"]);
  try {
    await page.getByText("are typing").waitFor();
    await onlineShown(page, look);
    return await page.screenshot();
  } finally {
    typing.stop();
  }
}

async function listPicture(stage: Stage, look: Look): Promise<Uint8Array> {
  await using profile = await stage.open(look, VIEWER);
  const page = await profile.openPage(stage.server.url);
  await page.getByRole("link", { name: /^General/ }).waitFor();
  await onlineShown(page, { ...look, isPhone: false });
  return await page.screenshot();
}

async function invitePicture(stage: Stage): Promise<Uint8Array> {
  await using profile = await stage.open({ theme: "light", isPhone: false }, "Ana");
  const page = await profile.openPage(`${stage.server.url}/r/${roomOf(stage.demo, "General")}`);
  await settled(page);
  await page.getByRole("button", { name: "New", exact: true }).click();
  await page.getByRole("menuitem", { name: "Invite people" }).click();
  await page.getByRole("button", { name: "Create link" }).click();
  await page.getByRole("img", { name: /QR/ }).waitFor();
  // The random port of this run is no address for a README.
  await page.evaluate(() => {
    for (const field of document.querySelectorAll("dialog input")) {
      if (field instanceof HTMLInputElement) {
        field.value = field.value.replace(/^http:\/\/[^/]+/, "https://chat.example.org");
      }
    }
  });
  return await page.screenshot();
}

async function statusPicture(stage: Stage): Promise<Uint8Array> {
  await tellPublic(stage.clientOf(OWNER), Date.now());
  await using profile = await stage.open({ theme: "light", isPhone: false });
  const page = await profile.openPage(`${stage.server.url}/status`);
  // Two good rounds of probes make a part green.
  await page.getByText("Operational", { exact: true }).nth(2).waitFor({ timeout: 120_000 });
  return await page.screenshot({ fullPage: true });
}

/** People come online one after the other, the viewer last. */
async function onlineShown(page: Page, { isPhone }: Look): Promise<void> {
  if (isPhone) return;
  await page.locator(".me", { hasText: "Online" }).waitFor();
  await page.locator(".dot-online").nth(2).waitFor();
}

async function sideBySide(stage: Stage, pictures: readonly Uint8Array[]): Promise<Uint8Array> {
  await using profile = await stage.open({ theme: "light", isPhone: false });
  const page = await profile.openPage();
  await page.setViewportSize({ width: 876, height: 908 });
  await page.setContent(
    `<body style="margin:0;display:flex;gap:32px;padding:32px;background:#dfdbd1">` +
      pictures.map((bytes) =>
        `<img src="data:image/png;base64,${bytes.toBase64()}" ` +
        `style="width:390px;height:844px;border-radius:24px">`
      ).join("") + "</body>",
  );
  return await page.screenshot();
}

async function save(name: string, bytes: Uint8Array): Promise<void> {
  if (bytes.length > MAX_BYTES) throw new Error(`${name} has ${bytes.length} bytes, at most ${MAX_BYTES}`);
  await Deno.writeFile(`${HERE}${name}`, bytes);
  console.log(`${name}: ${(bytes.length / 1_000).toFixed(0)} kB`);
}
