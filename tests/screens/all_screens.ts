import type { Page } from "../support/browser.ts";
import { OWNER, VIEWER } from "./harbour.ts";
import type { Screen } from "./review.ts";
import { roomOf, settled } from "./stage.ts";
import type { Look, Stage } from "./stage.ts";

const inRoom = (name: string) => ({ demo }: Stage) => `/r/${roomOf(demo, name)}`;
const GENERAL = { by: VIEWER, path: inRoom("General") };
const AS_OWNER = { by: OWNER, path: inRoom("General") };

function setting(title: string): NonNullable<Screen["arrange"]> {
  return async (page) => await page.getByRole("tab", { name: title }).click();
}

async function pointAt(page: Page, text: string, { isPhone }: Look): Promise<void> {
  const row = page.locator(".msg", { hasText: text }).last();
  if (!isPhone) return await row.hover();
  const box = await row.boundingBox();
  if (box === null) throw new Error(`No message says ${text}`);
  const at = {
    clientX: box.x + 60,
    clientY: box.y + 10,
    pointerType: "touch",
    isPrimary: true,
    bubbles: true,
  };
  await row.dispatchEvent("pointerdown", at);
  await page.locator("dialog").waitFor();
  await row.dispatchEvent("pointerup", at);
}

async function write(page: Page, text: string): Promise<void> {
  await settled(page);
  await page.locator(".box-field").click();
  await page.keyboard.type(text);
}

/** Lets answers to sends be lost, or be refusals. */
async function breakSends(page: Page, how: "lost" | "refused"): Promise<void> {
  await page.routeWebSocket(/\/trpc/, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((data) => {
      const text = String(data);
      if (!text.includes("messages.send")) return server.send(data);
      if (how === "lost") return;
      const { id } = JSON.parse(text);
      const error = {
        message: "You may not do this",
        code: -32003,
        data: { code: "FORBIDDEN", httpStatus: 403, path: "messages.send", appCode: "not_allowed" },
      };
      socket.send(JSON.stringify({ id, error }));
    });
  });
  await page.reload();
}

/** Every screen and state. The last one takes the server away. */
export const SCREENS: readonly Screen[] = [
  { name: "sign-in" },
  {
    name: "sign-in-wrong",
    arrange: async (page) => {
      await page.getByLabel("Name").fill("Ana");
      await page.getByLabel("Password", { exact: true }).fill("not the password");
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("alert").first().waitFor();
    },
  },
  { name: "join", path: ({ demo }) => `/join#${demo.inviteCode}` },
  { name: "join-gone", path: () => "/join#AAAAAAAAAAAAAAAAAAAAAAAAAA" },
  { name: "join-signed-in", by: VIEWER, path: () => "/" },
  { name: "reset", path: ({ demo }) => `/reset#${demo.resetToken}` },
  { name: "reset-gone", path: () => "/reset#AAAAAAAAAAAAAAAAAAAAAA" },
  { name: "setup-done", path: () => "/setup#AAAAAAAAAAAAAAAAAAAAAA" },
  {
    name: "room",
    ...GENERAL,
    arrange: async (page, _look, stage) => {
      await settled(page);
      const typing = await stage.type("General", ["Ana", "Eli"]);
      await page.getByText("are typing").waitFor();
      typing.stop();
    },
  },
  { name: "list", by: VIEWER },
  {
    name: "room-top",
    ...AS_OWNER,
    arrange: async (page) => {
      await settled(page);
      await page.locator(".log").evaluate((log) => log.scrollTop = 0);
    },
  },
  { name: "room-empty", by: VIEWER, path: inRoom("Boatyard") },
  { name: "room-quote", by: VIEWER, path: inRoom("Support") },
  { name: "room-direct", by: VIEWER, path: inRoom("Cleo") },
  { name: "room-archived", by: VIEWER, path: inRoom("Regatta") },
  { name: "room-preview", by: VIEWER, path: inRoom("Weather") },
  { name: "room-not-found", by: VIEWER, path: () => "/r/AAAAAAAAAAAAAAAA" },
  { name: "room-as-guest", by: "Fumi", path: inRoom("Support") },
  { name: "message-link", by: VIEWER, path: (stage) => `${inRoom("General")(stage)}/13` },
  {
    name: "message-actions",
    ...GENERAL,
    arrange: async (page, look) => {
      await settled(page);
      await pointAt(page, "I can regenerate", look);
    },
  },
  {
    name: "message-menu",
    ...GENERAL,
    arrange: async (page, look) => {
      await settled(page);
      await pointAt(page, "It is: daylight", look);
      if (!look.isPhone) await page.locator(".acts").getByRole("button", { name: "More" }).click();
    },
  },
  {
    name: "message-delete",
    by: VIEWER,
    path: inRoom("Dara"),
    arrange: async (page, look) => {
      await settled(page);
      await pointAt(page, "soup left", look);
      if (!look.isPhone) await page.locator(".acts").getByRole("button", { name: "More" }).click();
      await page.getByText("Delete", { exact: true }).last().click();
    },
  },
  {
    name: "emoji-picker",
    ...GENERAL,
    arrange: async (page) => {
      await settled(page);
      await page.getByRole("button", { name: "Emoji" }).click();
      await page.locator(".emoji-cell").first().waitFor();
    },
  },
  { name: "complete-people", ...GENERAL, arrange: (page) => write(page, "Hello @") },
  { name: "complete-rooms", ...GENERAL, arrange: (page) => write(page, "See #") },
  {
    name: "complete-emoji",
    ...GENERAL,
    arrange: async (page) => {
      await write(page, "Well :smi");
      await page.locator(".completion-emoji").first().waitFor();
    },
  },
  {
    name: "composer-reply",
    ...GENERAL,
    arrange: async (page, look) => {
      await settled(page);
      await pointAt(page, "I can regenerate", look);
      if (look.isPhone) await page.getByText("Reply", { exact: true }).click();
      else await page.locator(".acts").getByRole("button", { name: "Reply" }).click();
      await page.keyboard.type("Please do, the printer closes at noon.");
    },
  },
  {
    name: "composer-edit",
    by: VIEWER,
    path: inRoom("Dara"),
    arrange: async (page) => {
      await settled(page);
      await page.locator(".box-field").focus();
      await page.keyboard.press("ArrowUp");
    },
  },
  {
    name: "composer-long",
    by: VIEWER,
    path: inRoom("Kitchen"),
    arrange: async (page) => {
      await settled(page);
      await page.locator(".box-field").fill(`${"A long story. ".repeat(270)}\n\nAnd then\n\n- this\n- that`);
    },
  },
  {
    name: "message-pending",
    by: VIEWER,
    path: inRoom("Kitchen"),
    arrange: async (page) => {
      await breakSends(page, "lost");
      await write(page, "I bring the bread.");
      await page.keyboard.press("Enter");
      await page.getByText("Sending…").waitFor();
    },
  },
  {
    name: "message-failed",
    by: VIEWER,
    path: inRoom("Support"),
    arrange: async (page) => {
      await breakSends(page, "refused");
      await write(page, "Does it work for you too?");
      await page.locator(".send").click();
      await page.getByRole("button", { name: "Retry" }).waitFor();
    },
  },
  {
    name: "room-menu",
    ...AS_OWNER,
    arrange: async (page) => await page.getByRole("button", { name: "Room menu" }).click(),
  },
  {
    name: "new-menu",
    by: VIEWER,
    arrange: async (page) => await page.getByRole("button", { name: "New", exact: true }).click(),
  },
  {
    name: "toast",
    ...GENERAL,
    arrange: async (page) => {
      await page.getByRole("button", { name: "Room menu" }).click();
      await page.getByRole("menuitem", { name: "Copy link" }).click();
    },
  },
  {
    name: "leave-room",
    ...GENERAL,
    arrange: async (page) => {
      await page.getByRole("button", { name: "Room menu" }).click();
      await page.getByRole("menuitem", { name: "Leave room" }).click();
    },
  },
  {
    name: "members",
    ...AS_OWNER,
    arrange: async (page, { isPhone }) => {
      if (isPhone) await page.getByRole("button", { name: "Show members" }).click();
      await page.getByRole("button", { name: /Eli/ }).last().click({ timeout: 2_000 }).catch(() => {});
    },
  },
  {
    name: "panel-closed",
    ...GENERAL,
    arrange: async (page, { isPhone }) => {
      await settled(page);
      if (!isPhone) await page.getByRole("button", { name: "Hide members" }).click();
    },
  },
  { name: "browse", ...GENERAL, overlay: "browse" },
  {
    name: "browse-nothing",
    ...GENERAL,
    overlay: "browse",
    arrange: async (page) => {
      await page.getByLabel("Search rooms").fill("Submarines");
      await page.locator(".picks-empty").waitFor();
    },
  },
  { name: "create-room", ...GENERAL, overlay: "create_room" },
  {
    name: "create-room-taken",
    ...GENERAL,
    overlay: "create_room",
    arrange: async (page) => {
      await page.getByLabel("Name", { exact: true }).fill("Kitchen");
      await page.getByRole("button", { name: "Create room" }).click();
      await page.getByText("A room with that name exists").waitFor();
    },
  },
  { name: "new-direct", ...GENERAL, overlay: "new_direct" },
  { name: "status", ...GENERAL, overlay: "own_status" },
  { name: "invite", ...AS_OWNER, overlay: "invite" },
  {
    name: "invite-guest",
    ...AS_OWNER,
    overlay: "invite",
    arrange: async (page) => await page.getByText("Guests").click(),
  },
  {
    name: "invite-made",
    ...AS_OWNER,
    overlay: "invite",
    arrange: async (page) => {
      await page.getByRole("button", { name: "Create link" }).click();
      await page.getByRole("img", { name: /QR/ }).waitFor();
    },
  },
  { name: "add-people", by: OWNER, path: inRoom("Launch"), overlay: "add_members" },
  { name: "room-settings", ...AS_OWNER, overlay: "room_settings" },
  { name: "settings-account", ...AS_OWNER, overlay: "settings" },
  {
    name: "settings-saved",
    ...AS_OWNER,
    overlay: "settings",
    arrange: async (page) => {
      await page.getByRole("tab", { name: "Workspace" }).click();
      await page.getByLabel("Workspace name").fill("Harbour");
      await page.getByRole("button", { name: "Save name" }).click();
      await page.locator(".toast").waitFor();
    },
  },
  { name: "settings-look", ...AS_OWNER, overlay: "settings", arrange: setting("Preferences") },
  { name: "settings-devices", ...AS_OWNER, overlay: "settings", arrange: setting("Devices") },
  { name: "settings-programs", ...AS_OWNER, overlay: "settings", arrange: setting("Programs") },
  { name: "settings-invites", ...AS_OWNER, overlay: "settings", arrange: setting("Invites") },
  { name: "settings-people", ...AS_OWNER, overlay: "settings", arrange: setting("People") },
  { name: "settings-place", ...AS_OWNER, overlay: "settings", arrange: setting("Workspace") },
  {
    name: "settings-program-made",
    ...AS_OWNER,
    overlay: "settings",
    arrange: async (page) => {
      await page.getByRole("tab", { name: "Programs" }).click();
      await page.getByLabel(/Purpose/).first().fill("Backups");
      await page.locator("form button[type=submit]").last().click();
      await page.locator(".secret").waitFor();
    },
  },
  {
    name: "reconnecting",
    ...GENERAL,
    arrange: async (page, _look, stage) => {
      await settled(page);
      await stage.server.kill();
      await write(page, "Is the server down?");
      await page.locator(".send").click();
      await page.getByText("1 message waiting").waitFor({ timeout: 15_000 });
      await page.getByText("Reconnecting in").first().waitFor();
    },
  },
];
