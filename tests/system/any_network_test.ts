import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import type { TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import { openNetworkProxy } from "../support/network_proxy.ts";
import type { NetworkFault, NetworkProxy, NetworkProxyOptions } from "../support/network_proxy.ts";
import { testApp } from "../support/test_app.ts";
import type { TestApp } from "../support/test_app.ts";
import { waitFor } from "../support/wait.ts";
import { openScreen } from "./people_kit.ts";
import { eventually, hides, shows } from "./screen.ts";
import type { Screen } from "./screen.ts";

let browser: TestBrowser;

beforeAll(async () => {
  await builtClient();
  browser = await openBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

const TIMEOUT_MS = 120_000;
const OPEN_WITHIN_MS = 30_000;
const RETRY_WITHIN_MS = 10 * 60_000;
const FIRST_BYTE_MS = 8_000;
const CUT_INTERVAL_MS = 5_000;
const CUT_COUNT = 3;
const SHOWN_WITHIN_MS = 10_000;
const BACK_WITHIN_MS = 6_000;
/** For a machine that is busy with other things. */
const NOISE_MS = 2_500;
/** What browsers say themselves of connections that fail. */
const EXPECTED = /ERR_|WebSocket|EventSource|Failed to load resource|Refused to apply style/;

interface Place extends AsyncDisposable {
  readonly app: TestApp;
  readonly proxy: NetworkProxy;
  readonly ana: Screen;
  /** What the server has, in its order. */
  readonly stored: readonly string[];
  /** Sends a message from elsewhere. */
  send(text: string): Promise<unknown>;
}

/** A server behind a network of its own, and Ana's page in it. */
async function openPlace(
  options: NetworkProxyOptions & { readonly hasFakeClock?: boolean } = {},
): Promise<Place> {
  await using opened = new AsyncDisposableStack();
  const proxy = opened.use(await openNetworkProxy(options));
  const app = opened.use(await testApp({ files: await builtClient(), config: { publicUrl: proxy.url } }));
  proxy.serve(app.port);
  const ben = await app.person("Ben");
  const [room] = await ben.api.rooms.list.query();
  if (room === undefined) throw new Error("There is no room");
  const stored: string[] = [];
  app.clientFor(ben, "ws").messages.onEvent.subscribe({ roomId: room.id }, {
    onData: ({ data }) => {
      if (data.type === "message_sent") stored.push(data.message.text);
    },
  });
  const { cookie } = app.owner.device;
  const ana = opened.use(await openScreen(browser, { url: "about:blank" }));
  ana.profile.allowProblems(EXPECTED);
  await ana.profile.context.addCookies([{ name: "sid", value: (cookie ?? "").slice(4), url: proxy.url }]);
  if (options.hasFakeClock === true) await ana.page.clock.install();
  await ana.page.goto(proxy.url, { timeout: OPEN_WITHIN_MS });
  await ana.seesRoom("General");
  const parts = opened.move();
  return {
    app,
    proxy,
    ana,
    stored,
    send: (text) =>
      ben.api.messages.send.mutate({ roomId: room.id, clientMessageId: crypto.randomUUID(), text }),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

describe("a proxy that refuses upgrades", () => {
  it(
    "is passed by SSE, and WebSocket is used again within 10 minutes after it has changed its mind",
    async () => {
      await using place = await openPlace({ refusesUpgrades: true, hasFakeClock: true });
      const { app, proxy, ana, stored, send } = place;
      const { connections } = app.services;
      await waitFor(() => connections.streamCount === 2, { timeoutMs: 30_000 });
      await ana.say("Only HTTP here");
      await send("It comes through");
      await ana.sees("It comes through");
      proxy.allow({});
      await ana.page.clock.fastForward(RETRY_WITHIN_MS);
      await waitFor(() => connections.count === 2 && connections.streamCount === 0, { timeoutMs: 30_000 });
      await send("Faster now");
      await ana.sees("Faster now");
      await eventually(() => ana.texts()).toEqual(stored);
    },
    TIMEOUT_MS,
  );
});

describe("a proxy that buffers streams and refuses upgrades", () => {
  it("is passed by polling", async () => {
    await using place = await openPlace({
      refusesUpgrades: true,
      buffersStreams: true,
      hasFakeClock: true,
    });
    const { app, ana, stored, send } = place;
    const { connections } = app.services;
    await waitFor(() => connections.streamCount === 2, { timeoutMs: 30_000 });
    await ana.page.clock.fastForward(FIRST_BYTE_MS);
    await waitFor(() => connections.streamCount === 0, { timeoutMs: 30_000 });
    await send("It comes through");
    await ana.sees("It comes through");
    await ana.say("And back");
    await eventually(() => stored).toEqual(["It comes through", "And back"]);
    await eventually(() => ana.texts()).toEqual(stored);
  }, TIMEOUT_MS);
});

/** Cuts all connections every 5 s, while both sides write. */
async function sufferCuts(): Promise<string[]> {
  await using place = await openPlace();
  const { app, proxy, ana, stored, send } = place;
  const lost = ana.page.getByText(/^Connection lost\./);
  let wasShown = false;
  for (let index = 0; index < CUT_COUNT; index++) {
    const until = performance.now() + CUT_INTERVAL_MS;
    await ana.say(`Mine ${index}`);
    await send(`Theirs ${index}`);
    await waitFor(() => performance.now() >= until);
    proxy.cut();
    await waitFor(() => app.services.connections.count === 2);
    wasShown ||= await lost.isVisible();
  }
  await eventually(() => stored).toHaveLength(2 * CUT_COUNT);
  await eventually(() => ana.texts()).toEqual(stored);
  return wasShown ? ["Cuts are shown, although the page is back at once"] : [];
}

/** Lets a fault last until it is shown and a dial was lost in it, while both sides write. */
async function suffer(fault: NetworkFault): Promise<string[]> {
  await using place = await openPlace();
  const { proxy, ana, stored, send } = place;
  await ana.say("Before");
  await eventually(() => stored).toEqual(["Before"]);
  const lost = ana.page.getByText(/^Connection lost\./);
  const brokenAt = performance.now();
  proxy.set(fault);
  await ana.say("Mine");
  await send("Theirs");
  await shows(lost);
  const shownMs = performance.now() - brokenAt;
  const { dialCount } = proxy;
  await waitFor(() => proxy.dialCount > dialCount, { timeoutMs: 20_000 });
  const healedAt = performance.now();
  proxy.set("none");
  await waitFor(() => stored.length === 3, { timeoutMs: 40_000, what: `${fault} is over` });
  await hides(lost);
  await ana.sees("Theirs");
  const backMs = performance.now() - healedAt;
  await eventually(() => ana.texts()).toEqual(stored);
  const isLate = shownMs > SHOWN_WITHIN_MS + NOISE_MS || backMs > BACK_WITHIN_MS + NOISE_MS;
  return isLate ? [`${fault}: shown after ${shownMs} ms, back after ${backMs} ms`] : [];
}

describe("a network that fails", () => {
  it(
    "loses and doubles nothing: cuts are not shown, faults within 10 s, and 6 s later all is well",
    async () => {
      const faults: readonly NetworkFault[] = ["stall", "black_hole", "no_answers", "no_requests", "drip"];
      // All at once and in real time, since limits of time are what is tested.
      const problems = await Promise.all([sufferCuts(), ...faults.map(suffer)]);
      expect(problems.flat()).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
