import { describe, expect, it } from "vitest";
import { applyPresence, EMPTY_PICTURE } from "../../shared/presence.ts";
import { openBrowser } from "../support/browser.ts";
import type { Page } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import { descendants, freeze } from "../support/frozen_processes.ts";
import { testApp } from "../support/test_app.ts";
import { pause, waitFor } from "../support/wait.ts";
import { seat } from "./people_kit.ts";

/** A gap in its timers that the client takes for a sleep. */
const NAP_MS = 7_000;
const PROBE_WITHIN_MS = 1_000;
const RESUME_WITHIN_MS = 3_000;
/** What a browser of many processes needs to come to itself on a machine that is busy with other things. */
const NOISE_MS = 1_000;
const TIMEOUT_MS = 60_000;

/** Notes when the page says something on its sockets. */
function watchPings(page: Page): { readonly times: number[] } {
  const times: number[] = [];
  page.on("websocket", (socket) => {
    socket.on("framesent", ({ payload }) => {
      if (payload === "PING") times.push(performance.now());
    });
  });
  return { times };
}

describe("a device that sleeps", () => {
  it("F10 checks its connection when it wakes, and shows what it missed", async () => {
    await using app = await testApp({ files: await builtClient() });
    const ben = await app.person("Ben");
    const before = await descendants();
    await using browser = await openBrowser();
    await using screen = await seat(browser, { app, person: ben });
    const { times } = watchPings(screen.page);
    await screen.page.reload();
    await screen.openRoom("General");
    await waitFor(() => times.length > 0);
    const [room] = await app.owner.api.rooms.list.query();
    const roomId = room?.id ?? "";

    const frozen = freeze([...await descendants()].filter((pid) => !before.has(pid)));
    expect(frozen.count).toBeGreaterThan(2);
    const said = ["one", "two", "three"];
    try {
      for (const text of said) {
        await app.owner.api.messages.send.mutate({ roomId, clientMessageId: text, text });
      }
      await pause(NAP_MS);
    } finally {
      frozen[Symbol.dispose]();
    }
    const wokeAt = performance.now();
    await waitFor(() => times.some((at) => at >= wokeAt));
    expect((times.find((at) => at >= wokeAt) ?? Infinity) - wokeAt).toBeLessThan(PROBE_WITHIN_MS + NOISE_MS);
    await waitFor(async () => (await screen.texts()).length === said.length);
    expect(performance.now() - wokeAt).toBeLessThan(RESUME_WITHIN_MS + NOISE_MS);
    expect(await screen.texts()).toEqual(said);
  }, TIMEOUT_MS);

  it("F10 is not shown as online while it sleeps, and is back within three seconds", async () => {
    await using app = await testApp({
      files: await builtClient(),
      heartbeatMs: 1_000,
      heartbeatGraceMs: 1_000,
    });
    const ben = await app.person("Ben");
    const before = await descendants();
    await using browser = await openBrowser();
    await using screen = await seat(browser, { app, person: ben });
    await screen.openRoom("General");
    let picture = EMPTY_PICTURE;
    const watching = app.clientFor(app.owner, "ws").presence.onPresence.subscribe(undefined, {
      onData: (update) => void (picture = applyPresence(picture, update)),
    });
    const isOnline = () => picture.states.get(ben.id)?.status === "online";
    await waitFor(isOnline);
    const [room] = await app.owner.api.rooms.list.query();
    const roomId = room?.id ?? "";

    const frozen = freeze([...await descendants()].filter((pid) => !before.has(pid)));
    const said = ["one", "two", "three"];
    try {
      await waitFor(() => !isOnline(), {
        timeoutMs: 20_000,
        what: "Ben is not online",
      });
      for (const text of said) {
        await app.owner.api.messages.send.mutate({ roomId, clientMessageId: text, text });
      }
    } finally {
      frozen[Symbol.dispose]();
    }
    const wokeAt = performance.now();
    await waitFor(async () => (await screen.texts()).length === said.length);
    await waitFor(isOnline);
    expect(performance.now() - wokeAt).toBeLessThan(RESUME_WITHIN_MS + NOISE_MS);
    expect(await screen.texts()).toEqual(said);
    watching.unsubscribe();
  }, TIMEOUT_MS);
});
