import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { parseConfig } from "../../../server/config.ts";
import type { Config } from "../../../server/config.ts";
import type { TestBrowser } from "../../support/browser.ts";
import { openCallBrowser } from "../../support/call_browser.ts";
import { directRoom } from "../../support/call_kit.ts";
import { callApp, callOfTwo, openDevice } from "../../support/call_page/call_device.ts";
import type { CallDevice } from "../../support/call_page/call_device.ts";
import type { PageCalls } from "../../support/call_page/page.ts";
import { COTURN_HINT, hasCoturn, startCoturn } from "../../support/coturn.ts";
import { freePort } from "../../support/free_port.ts";
import { pause, waitFor } from "../../support/wait.ts";

const SECRET = "the-secret-of-the-relay";
const LONG_MS = 120_000;
/** After this long without an answer a relay is called unreachable. */
const UNREACHABLE_MS = 5_000;
const isThere = await hasCoturn();

let browser: TestBrowser;
beforeAll(async () => {
  browser = await openCallBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

/** A server that names a relay at this port. */
function withRelay(port: number, secret = SECRET): Partial<Config> {
  const { turn } = parseConfig({
    TURN_URLS: `turn:127.0.0.1:${port}?transport=udp`,
    TURN_SECRET: secret,
  });
  return { turn };
}

/** Somebody in a call who wants a relay, and whom no other way leads to. */
async function callWithoutPath(options: Parameters<typeof callApp>[0]): Promise<
  AsyncDisposable & { readonly device: CallDevice }
> {
  await using opened = new AsyncDisposableStack();
  const app = opened.use(await callApp(options));
  const bo = await app.person("Bo");
  const roomId = await directRoom(app.owner, bo);
  const device = opened.use(await openDevice(browser, { app, person: app.owner, isRelayOnly: true }));
  const other = opened.use(await openDevice(browser, { app, person: bo }));
  await device.start(roomId, { ring: [bo.id] });
  await other.accept();
  await expect.poll(async () => (await device.counts()).connections, { timeout: 30_000 }).toBe(1);
  const all = opened.move();
  return { device, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

const CANDIDATE_PATTERN = /candidate:[^"\\]+/g;
/** No address of the device itself, as the one that the relay sees would be. */
const RELAYED_PATTERN = / typ relay raddr 0\.0\.0\.0 rport 0 /;

const troubleOf = ({ page }: CallDevice) =>
  page.evaluate(() => (globalThis as unknown as { calls: PageCalls }).calls.model.relayTrouble.peek());

describe.skipIf(!isThere)(`calls through a relay${isThere ? "" : ` (${COTURN_HINT})`}`, () => {
  it("T31 show no address of either side if both want it so", async () => {
    await using relay = await startCoturn({ secret: SECRET });
    await using call = await callOfTwo(browser, { config: withRelay(relay.port), isRelayOnly: true });
    const { ana, bo } = call;
    const seen = [ana.sees(bo.person), bo.sees(ana.person), ana.hears(bo.person), bo.hears(ana.person)];
    expect(await Promise.all(seen)).toEqual([true, true, true, true]);
    for (const device of [ana, bo]) {
      expect(new Set((await device.counts()).candidateTypes)).toEqual(new Set(["relay"]));
      await expect.poll(() => figuresOf(device), { timeout: 30_000 }).toMatchObject({
        localType: "relay",
        remoteType: "relay",
        relayProtocol: "udp",
      });
      expect(await troubleOf(device)).toBe(null);
    }
    expect(relay.counts().given).toBeGreaterThan(0);
    // Everything that they tell each other for a new path.
    const signals = vi.spyOn(call.app.services.calls.relay, "send");
    for (const { page } of [ana, bo]) await page.evaluate(() => void dispatchEvent(new Event("online")));
    const told = () =>
      signals.mock.calls.flatMap(([{ userId }, { payload }]) =>
        (payload.match(CANDIDATE_PATTERN) ?? []).map((candidate) => ({ userId, candidate }))
      );
    await waitFor(() => new Set(told().map(({ userId }) => userId)).size === 2, { timeoutMs: 30_000 });
    expect(told().filter(({ candidate }) => !RELAYED_PATTERN.test(candidate))).toEqual([]);
  }, LONG_MS);

  it.each(
    [
      ["whose secret is another one", {}, "the-secret-of-another-one"],
      // The server's clock is slow.
      ["for which the credentials have ended", { now: () => Date.now() - 3_600_000 }, SECRET],
    ] as const,
  )("name a relay %s, and do without it where they can", async (_, options, secret) => {
    await using relay = await startCoturn({ secret: SECRET });
    const config = withRelay(relay.port, secret);
    await using lost = await callWithoutPath({ ...options, config });
    await expect.poll(() => troubleOf(lost.device), { timeout: 30_000 }).toBe("refused");
    await using call = await callOfTwo(browser, { ...options, config });
    expect(await call.ana.sees(call.bo.person)).toBe(true);
    // A browser that has found a path asks no relay any more.
    await pause(UNREACHABLE_MS + 1_000);
    expect(await troubleOf(call.ana)).not.toBe("unreachable");
  }, LONG_MS);

  it("name a relay that does not answer, within 5 s", async () => {
    await using lost = await callWithoutPath({ config: withRelay(freePort()) });
    const startedAt = performance.now();
    await expect.poll(() => troubleOf(lost.device), { timeout: 30_000 }).toBe("unreachable");
    expect(performance.now() - startedAt).toBeLessThan(15_000);
  }, LONG_MS);

  it("get a new place at the relay after a restart", async () => {
    await using relay = await startCoturn({ secret: SECRET });
    await using call = await callOfTwo(browser, { config: withRelay(relay.port), isRelayOnly: true });
    const { ana, bo } = call;
    expect(await ana.sees(bo.person)).toBe(true);
    const before = relay.counts().given;
    for (const { page } of [ana, bo]) await page.evaluate(() => void dispatchEvent(new Event("online")));
    await Promise.all([ana.untilUp(1), bo.untilUp(1)]);
    await expect.poll(() => relay.counts().given, { timeout: 30_000 }).toBeGreaterThan(before);
    expect(await Promise.all([ana.sees(bo.person), bo.hears(ana.person)])).toEqual([true, true]);
  }, LONG_MS);
});

const figuresOf = ({ page }: CallDevice) =>
  page.evaluate(() => {
    const { model } = (globalThis as unknown as { calls: PageCalls }).calls;
    return [...model.peers.peek().values()][0]?.figures.peek() ?? null;
  });
