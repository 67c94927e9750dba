import { beforeAll, describe, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import type { TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import { fetchedUntil, totalBytes } from "../support/fetched_files.ts";
import type { TestApp } from "../support/test_app.ts";
import { chatApp } from "./people_kit.ts";

const SIGN_IN_MAX_BYTES = 40_000;
const FIRST_ROOM_MAX_BYTES = 85_000;
/** What dialogs and pickers look like. */
const LATE_STYLE = /\/late-[^/]*\.css$/;

describe("the first view", () => {
  beforeAll(async () => void await builtClient());

  it("of signed-out people loads no chat code, at most 40 kB in all", async () => {
    await using app: TestApp = await chatApp();
    await using browser: TestBrowser = await openBrowser();
    await using profile = await browser.openProfile();
    const fetched = await fetchedUntil(
      profile,
      app.url,
      (page) => page.getByLabel("Password").first().waitFor(),
    );
    expect(fetched.filter(({ path }) => /chat_part|early/.test(path) || LATE_STYLE.test(path))).toEqual([]);
    expect(totalBytes(fetched)).toBeGreaterThan(10_000);
    expect(totalBytes(fetched)).toBeLessThanOrEqual(SIGN_IN_MAX_BYTES);
  });

  it("of a room needs one round trip for files, with messages requested early", async () => {
    await using app: TestApp = await chatApp();
    const [room] = await app.owner.api.rooms.list.query();
    const roomId = room?.id ?? ("" as never);
    await app.owner.api.messages.send.mutate({ roomId, clientMessageId: "first", text: "**Early** bird" });
    await using browser: TestBrowser = await openBrowser();
    await using profile = await browser.openProfile();
    const value = (app.owner.device.cookie ?? "").replace(/^sid=/, "");
    await profile.context.addCookies([{
      name: "sid",
      value,
      url: app.url,
      httpOnly: true,
      sameSite: "Strict",
    }]);
    const asked: string[] = [];
    profile.context.on("request", (request) => asked.push(new URL(request.url()).pathname));
    const frames: string[] = [];
    let dialCount = 0;
    profile.context.on("page", (page) =>
      page.on("websocket", (socket) => {
        dialCount++;
        socket.on("framesent", ({ payload }) => frames.push(String(payload)));
      }));
    const fetched = await fetchedUntil(profile, `${app.url}/r/${roomId}`, async (page) => {
      await page.locator(".log strong", { hasText: "Early" }).waitFor();
    });
    expect(fetched.filter(({ path }) => LATE_STYLE.test(path))).toEqual([]);
    expect(totalBytes(fetched)).toBeGreaterThan(40_000);
    expect(totalBytes(fetched)).toBeLessThanOrEqual(FIRST_ROOM_MAX_BYTES);
    // One batch brought everything that is shown; the socket that was dialed early is the only one.
    expect(asked.filter((path) => path.startsWith("/trpc/"))).toEqual([
      "/trpc/auth.me,rooms.list,users.list,messages.list",
    ]);
    expect(frames.filter((frame) => frame.includes("messages.list"))).toEqual([]);
    expect(dialCount).toBe(1);
  });
});
