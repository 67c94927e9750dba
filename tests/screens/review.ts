import type { Page, Profile, TestBrowser } from "../support/browser.ts";
import { startServerProcess } from "../support/server_process.ts";
import { OWNER } from "./harbour.ts";
import { openStage } from "./stage.ts";
import type { Look, Stage } from "./stage.ts";

/** One page and how it gets into the state that is looked at. */
export interface Screen {
  readonly name: string;
  /** Who looks; nobody is signed in without it. */
  readonly by?: string;
  readonly path?: (stage: Stage) => string;
  readonly overlay?: string;
  readonly arrange?: (page: Page, look: Look, stage: Stage) => Promise<void>;
}

const LOOKS: readonly Look[] = [
  { theme: "light", isPhone: false },
  { theme: "dark", isPhone: false },
  { theme: "light", isPhone: true },
  { theme: "dark", isPhone: true },
];
/** For what moves when it appears. */
const REST_MS = 350;

/** Puts pictures of all screens into a folder; one that cannot be made is named and left out. */
export async function review(
  browser: TestBrowser,
  folder: string,
  screens: readonly Screen[],
): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  for (const look of LOOKS) {
    const suffix = `${look.isPhone ? "phone" : "desk"}-${look.theme}`;
    await using stage = await openStage(browser);
    for (const screen of screens) {
      try {
        const bytes = await take(stage, look, screen);
        await Deno.writeFile(`${folder}/${screen.name}-${suffix}.png`, bytes);
      } catch (error) {
        console.error(`${screen.name}-${suffix}: ${error instanceof Error ? error.message : error}`);
      }
    }
    await Deno.writeFile(`${folder}/setup-${suffix}.png`, await takeSetup(stage, look, folder, suffix));
    console.log(`${suffix}: done`);
  }
}

async function take(stage: Stage, look: Look, screen: Screen): Promise<Uint8Array> {
  await using profile = await stage.open(look, screen.by);
  // Pages that do not exist and connections that are cut are what some of these pictures show.
  profile.allowProblems(/./s);
  const { context } = profile;
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: stage.server.url });
  const page = await profile.openPage(`${stage.server.url}${screen.path?.(stage) ?? "/"}`);
  if (screen.by !== undefined) await page.locator(".me").first().waitFor({ state: "attached" });
  if (screen.overlay !== undefined) await openOverlay(page, screen.overlay);
  await screen.arrange?.(page, look, stage);
  return await shoot(page);
}

/** An overlay stands in the history's entry, not in the address. */
async function openOverlay(page: Page, overlay: string): Promise<void> {
  await page.waitForTimeout(REST_MS);
  await page.evaluate((overlay) => {
    history.replaceState({ overlay, secret: null, isStacked: false }, "", location.href);
  }, overlay);
  await page.reload();
  await page.locator("dialog").first().waitFor();
}

async function shoot(page: Page): Promise<Uint8Array> {
  await page.waitForTimeout(REST_MS);
  return await page.screenshot();
}

/** Setup needs a server of its own, without an owner; what follows it is the welcome. */
async function takeSetup(stage: Stage, look: Look, folder: string, suffix: string): Promise<Uint8Array> {
  const dataDir = await Deno.makeTempDir({ prefix: "parley-screens-" });
  try {
    await using server = await startServerProcess({ dataDir });
    await using profile: Profile = await stage.open(look);
    profile.allowProblems(/./s);
    const page = await profile.openPage(`${server.url}/setup#${server.setupToken}`);
    await page.getByLabel("Your name").fill(OWNER);
    const picture = await shoot(page);
    await page.getByLabel(/Workspace name/).fill("Harbour");
    await page.getByLabel("Password", { exact: true }).fill("seven green bicycles");
    await page.keyboard.press("Enter");
    await page.getByRole("img", { name: /QR/ }).waitFor();
    await Deno.writeFile(`${folder}/welcome-${suffix}.png`, await shoot(page));
    await page.getByRole("button", { name: "Done" }).click();
    await Deno.writeFile(`${folder}/first-room-${suffix}.png`, await shoot(page));
    return picture;
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
}
