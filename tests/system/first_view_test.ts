import { beforeAll, describe, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import type { Page, Profile, TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import type { TestApp } from "../support/test_app.ts";
import { chatApp } from "./people_kit.ts";

const SIGN_IN_MAX_BYTES = 40_000;
const FIRST_ROOM_MAX_BYTES = 87_000;

interface Fetched {
  readonly path: string;
  readonly bytes: number;
}

/** Opens a page with an empty cache and lists all that came as files or pages until `shown` is there. */
async function fetchedUntil(
  profile: Profile,
  url: string,
  shown: (page: Page) => Promise<unknown>,
): Promise<Fetched[]> {
  const page = await profile.openPage();
  const session = await profile.context.newCDPSession(page);
  await session.send("Network.enable");
  const paths = new Map<string, string>();
  const fetched: Fetched[] = [];
  session.on("Network.requestWillBeSent", ({ requestId, request }) => {
    paths.set(requestId, new URL(request.url).pathname);
  });
  // As it came over the wire, brotli and all; the server says the length of each file.
  const bytes = new Map<string, number>();
  session.on("Network.responseReceived", ({ requestId, response }) => {
    const length = Object.entries(response.headers).find(([name]) => name.toLowerCase() === "content-length");
    bytes.set(requestId, Number(length?.[1]));
  });
  session.on("Network.loadingFinished", ({ requestId }) => {
    const path = paths.get(requestId) ?? "";
    // What the rooms hold is no part of the client.
    if (!path.startsWith("/trpc/")) fetched.push({ path, bytes: bytes.get(requestId) ?? NaN });
  });
  await page.goto(url);
  await shown(page);
  await session.detach();
  return fetched;
}

const totalOf = (fetched: readonly Fetched[]) => fetched.reduce((sum, { bytes }) => sum + bytes, 0);

describe("the first view", () => {
  beforeAll(async () => void await builtClient());

  it("of who is signed out fetches no chat, at most 40 kB in all", async () => {
    await using app: TestApp = await chatApp();
    await using browser: TestBrowser = await openBrowser();
    await using profile = await browser.openProfile();
    const fetched = await fetchedUntil(
      profile,
      app.url,
      (page) => page.getByLabel("Password").first().waitFor(),
    );
    expect(fetched.filter(({ path }) => /chat_part|early/.test(path))).toEqual([]);
    expect(totalOf(fetched)).toBeGreaterThan(10_000);
    expect(totalOf(fetched)).toBeLessThanOrEqual(SIGN_IN_MAX_BYTES);
  });

  it("of a room is there after one round of files, messages asked for early", async () => {
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
    expect(totalOf(fetched)).toBeGreaterThan(40_000);
    expect(totalOf(fetched)).toBeLessThanOrEqual(FIRST_ROOM_MAX_BYTES);
    // One batch brought everything that is shown; the socket that was dialed early is the only one.
    expect(asked.filter((path) => path.startsWith("/trpc/"))).toEqual([
      "/trpc/auth.me,rooms.list,users.list,messages.list",
    ]);
    expect(frames.filter((frame) => frame.includes("messages.list"))).toEqual([]);
    expect(dialCount).toBe(1);
  });
});
