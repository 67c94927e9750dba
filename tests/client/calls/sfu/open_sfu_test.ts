import { signal } from "@preact/signals";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { NO_TRACKS } from "../../../../client/calls/call_parts.ts";
import type { LinkFigures } from "../../../../client/calls/call_parts.ts";
import { openSfu } from "../../../../client/calls/sfu/open_sfu.ts";
import { AppError } from "../../../../shared/errors.ts";
import { newId } from "../../../../shared/ids.ts";
import { parseConfig } from "../../../../server/config.ts";
import type { TestBrowser } from "../../../support/browser.ts";
import { countPictures, openCallBrowser, soundLevel } from "../../../support/call_browser.ts";
import { generalRoom, tabOf, VIDEO } from "../../../support/call_kit.ts";
import { callApp, openDevice } from "../../../support/call_page/call_device.ts";
import type { PageCalls } from "../../../support/call_page/page.ts";
import type { CallDevice } from "../../../support/call_page/call_device.ts";
import { longestGapMs, watchPictures } from "../../../support/call_page/picture_gaps.ts";
import { hasCoturn, startCoturn } from "../../../support/coturn.ts";
import { hasLiveKit, startLiveKit } from "../../../support/livekit.ts";
import type { LiveKit } from "../../../support/livekit.ts";
import type { TestApp } from "../../../support/test_app.ts";
import type { CallId, RoomId, UserId } from "../../../../shared/ids.ts";

const isPossible = await hasLiveKit();
const hasRelay = await hasCoturn();
const PATIENCE = { timeout: 60_000 };
const TIMEOUT_MS = 400_000;
/** Three browsers that encode in software are a lot for one machine. */
const LONG_MS = 90_000;
/**
 * Nobody who talks is interrupted for longer by a handover: a second, and what a machine adds that encodes three
 * cameras twice at that moment.
 */
const HANDOVER_GAP_MAX_MS = 2_000;
/** LiveKit that is gone is noticed after a second, and links are made in less: far less than the server takes. */
const FALLBACK_GAP_MAX_MS = 10_000;

/** Three browsers in the call of a room. */
interface LargeCall extends AsyncDisposable {
  readonly app: TestApp;
  readonly liveKit: LiveKit;
  readonly roomId: RoomId;
  readonly devices: readonly [CallDevice, CallDevice, CallDevice];
  /** Two more people with cameras, of whom nothing comes: one more than a mesh holds. */
  crowd(): Promise<void>;
}

describe("the path through LiveKit", () => {
  afterEach(() => vi.useRealTimers());

  it("asks for a token no sooner than the server allows", async () => {
    // Loading it takes time of its own.
    await import("../../../../client/calls/sfu/sfu_room.ts");
    vi.useFakeTimers();
    let askedCount = 0;
    const connect = () => {
      askedCount += 1;
      return Promise.reject(new AppError("rate_limited", "Too many requests", { retryAfterMs: 60_000 }));
    };
    using _path = openSfu({
      ...{ callId: newId(), own: newId(), participants: signal([]), linked: signal(new Set()) },
      ...{
        tracks: signal(NO_TRACKS),
        plan: signal({ mic: null, cam: null, screen: null, screenAudio: null }),
      },
      ...{ connect, relayOnly: () => Promise.resolve(null), onUp: () => {} },
    });
    await vi.advanceTimersByTimeAsync(59_000);
    expect(askedCount).toBe(1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(askedCount).toBe(2);
  });
});

describe.skipIf(!isPossible)("a call that is too large for a mesh", () => {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await openCallBrowser();
  });
  afterAll(() => browser[Symbol.asyncDispose]());

  async function openCall(): Promise<LargeCall> {
    await using opened = new AsyncDisposableStack();
    const liveKit = opened.use(await startLiveKit());
    const app = opened.use(await callApp({ config: { liveKit } }));
    const roomId = await generalRoom(app.owner);
    const people = [app.owner, await app.person("Ben"), await app.person("Cleo")] as const;
    const open = async (person: (typeof people)[number]) =>
      opened.use(await openDevice(browser, { app, person }));
    const devices = [await open(people[0]), await open(people[1]), await open(people[2])] as const;
    const [first, ...others] = devices;
    await first.start(roomId, { isDirect: false });
    for (const other of others) await other.join(roomId);
    for (const device of devices) await device.untilUp(2, 60_000);
    const closing = opened.move();
    return {
      app,
      liveKit,
      roomId,
      devices,
      crowd: () => joinSilently(app, roomId, ["Dan", "Eva"]),
      [Symbol.asyncDispose]: () => closing.disposeAsync(),
    };
  }

  it("goes through LiveKit and back without a pause, and everybody sees and hears the others", async () => {
    await using call = await openCall();
    const { devices, liveKit } = call;
    const [ana, ben, cleo] = devices;
    await expectAllSeen(devices);
    expect(await ana.page.evaluate(safetyCodes)).not.toContain(null);
    await watchPictures(ana, ben);
    await ben.page.evaluate(noteEncodings);
    await call.crowd();
    for (const device of devices) await expect.poll(() => isForwarded(device), PATIENCE).toBe(true);
    // The links of the mesh are closed, and whoever is not in LiveKit is not there.
    for (const device of devices) {
      // A busy machine may lose LiveKit for a moment, and find it again.
      await expect.poll(async () => (await device.summary()).linkPhases, PATIENCE).toEqual(["up", "up"]);
      await expect.poll(() => device.page.evaluate(safetyCodes), PATIENCE).toEqual([null, null]);
    }
    await expectAllSeen(devices);
    expect(await longestGapMs(ana)).toBeLessThan(HANDOVER_GAP_MAX_MS);
    // What LiveKit forwards is measured as links are.
    expect(await ana.page.evaluate(figuresOf, ben.person.id)).toMatchObject({
      localType: "host",
      roundTripMs: expect.any(Number),
      lossPercent: expect.any(Number),
      jitterMs: expect.any(Number),
    });
    // The camera is sent in layers: how many depends on the size that the camera of the test had.
    const layers = await ben.page.evaluate(() =>
      (Reflect.get(globalThis, "encodings") as string[][]).map(([rid]) => rid)
    );
    expect(layers).toContain("q");

    await ben.act({ type: "media", media: { mic: false } });
    const hearsBen = () => soundLevel(ana.page, ana.elementOf(ben.person.id, "mic"), { withinMs: 1_500 });
    await expect.poll(hearsBen, PATIENCE).toBeLessThan(0.001);
    await ben.act({ type: "media", media: { mic: true } });
    expect(await ana.hears(ben.person, LONG_MS)).toBe(true);

    await expectAllSeen(devices);
    await watchPictures(ana, cleo);
    for (const { profile } of devices) profile.allowProblems(/ERR_CONNECTION|WebSocket|Failed to load/);
    await liveKit[Symbol.asyncDispose]();
    for (const device of devices) await expect.poll(() => isForwarded(device), PATIENCE).toBe(false);
    await expectAllSeen(devices);
    expect(await longestGapMs(ana)).toBeLessThan(FALLBACK_GAP_MAX_MS);
    await ana.until("active");
  }, TIMEOUT_MS);

  it("shows cameras and screens that are switched off and on while LiveKit forwards them", async () => {
    await using liveKit = await startLiveKit();
    await using app = await callApp({ config: { liveKit } });
    const roomId = await generalRoom(app.owner);
    const person = await app.person("Ben");
    await using ana = await openDevice(browser, { app, person: app.owner });
    await using ben = await openDevice(browser, { app, person });
    await ana.start(roomId, { isDirect: false });
    await ben.join(roomId);
    await joinSilently(app, roomId, ["Cleo", "Dan", "Eva"]);
    for (const device of [ana, ben]) await expect.poll(() => isForwarded(device), PATIENCE).toBe(true);
    const moves = (kind: "cam" | "screen") => () =>
      countPictures(ana.page, ana.elementOf(person.id, kind), { withinMs: 1_000, enough: 1 });
    expect(await ana.sees(person, "cam", LONG_MS)).toBe(true);
    for (let round = 0; round < 2; round++) {
      await ben.media({ cam: false, screen: true });
      await expect.poll(moves("cam"), PATIENCE).toBe(0);
      expect(await ana.sees(person, "screen", LONG_MS)).toBe(true);
      await ben.media({ cam: true, screen: false });
      await expect.poll(moves("screen"), PATIENCE).toBe(0);
      expect(await ana.sees(person, "cam", LONG_MS)).toBe(true);
    }
    // Changes that overtake each other end with the last one.
    for (const isOn of [false, true, false, true]) await ben.media({ cam: isOn, screen: isOn });
    for (const kind of ["cam", "screen"] as const) {
      expect(await ana.sees(person, kind, LONG_MS), kind).toBe(true);
    }
  }, TIMEOUT_MS);

  it.skipIf(!hasRelay)("goes through the relay alone for whoever wants that", async () => {
    const secret = "the-secret-of-the-relay";
    await using relay = await startCoturn({ secret });
    await using liveKit = await startLiveKit();
    const { turn } = parseConfig({
      TURN_URLS: `turn:127.0.0.1:${relay.port}?transport=udp`,
      TURN_SECRET: secret,
    });
    await using app = await callApp({ config: { liveKit, turn } });
    const roomId = await generalRoom(app.owner);
    await using ana = await openDevice(browser, { app, person: app.owner, isRelayOnly: true });
    await ana.page.evaluate(noteConnections);
    await ana.start(roomId, { isDirect: false });
    await joinSilently(app, roomId, ["Ben", "Cleo", "Dan", "Eva"]);
    await expect.poll(() => isForwarded(ana), PATIENCE).toBe(true);
    expect(new Set(await ana.page.evaluate(localTypes))).toEqual(new Set(["relay"]));
  }, TIMEOUT_MS);
});

/** Joins with cameras of which nothing comes. */
async function joinSilently(app: TestApp, roomId: RoomId, names: readonly string[]): Promise<void> {
  const current = () => app.owner.api.calls.current.query({ roomId });
  await expect.poll(current, PATIENCE).not.toBe(null);
  const call = await current();
  if (call === null) throw new Error("The call has ended");
  for (const name of names) {
    await (await tabOf(app, await app.person(name))).join({ callId: call.callId as CallId }, VIDEO);
  }
}

async function expectAllSeen(devices: readonly CallDevice[]): Promise<void> {
  for (const device of devices) {
    for (const other of devices) {
      if (other === device) continue;
      expect(
        await device.sees(other.person, "cam", LONG_MS),
        `${device.person.name} sees ${other.person.name}`,
      ).toBe(true);
      expect(await device.hears(other.person, LONG_MS), `${device.person.name} hears ${other.person.name}`)
        .toBe(true);
    }
  }
}

/** Whether media of this device goes through LiveKit. */
async function isForwarded(device: CallDevice): Promise<boolean> {
  const { stage } = await device.state();
  return "session" in stage && stage.session.isSfuUp;
}

/** Runs in the page: links have a code, and what goes through LiveKit has none. */
function safetyCodes(): Promise<(string | null)[]> {
  const { model } = (globalThis as unknown as { calls: PageCalls }).calls;
  return Promise.all([...model.peers.peek().values()].map((peer) => peer.safetyCode()));
}

/** Runs in the page: what is measured of somebody, once bytes went both ways for a second. */
function figuresOf(userId: UserId): Promise<LinkFigures> {
  const { model } = (globalThis as unknown as { calls: PageCalls }).calls;
  const peer = [...model.peers.peek().values()].find((one) => one.userId === userId);
  if (peer === undefined) throw new Error("They are not there");
  return new Promise((resolve) => {
    const stop = peer.figures.subscribe((figures) => {
      if (figures === null || figures.receivedBitsPerSecond === 0 || figures.sentBitsPerSecond === 0) return;
      resolve(figures);
      queueMicrotask(() => stop());
    });
  });
}

/** Runs in the page: notes the connections that are made from now on. */
function noteConnections(): void {
  const connections: RTCPeerConnection[] = [];
  Object.assign(globalThis, { noted: connections });
  const open = RTCPeerConnection.prototype.createDataChannel;
  RTCPeerConnection.prototype.createDataChannel = function (...args) {
    connections.push(this);
    return Reflect.apply(open, this, args);
  };
}

/** Runs in the page: the types of the candidates of this side, in use by connections that are open. */
async function localTypes(): Promise<string[]> {
  const connections = (Reflect.get(globalThis, "noted") as RTCPeerConnection[])
    .filter(({ connectionState }) => connectionState === "connected");
  const types: string[] = [];
  for (const connection of new Set(connections)) {
    const report = await connection.getStats();
    for (const [, stats] of report) {
      if (stats.type === "candidate-pair" && stats.nominated) {
        types.push(report.get(stats.localCandidateId).candidateType);
      }
    }
  }
  return types;
}

/** Runs in the page: notes in which sizes pictures are sent from now on. */
function noteEncodings(): void {
  const encodings: (string | undefined)[][] = [];
  Object.assign(globalThis, { encodings });
  const add = RTCPeerConnection.prototype.addTransceiver;
  RTCPeerConnection.prototype.addTransceiver = function (track, init) {
    if (init?.sendEncodings !== undefined) encodings.push(init.sendEncodings.map(({ rid }) => rid));
    return add.call(this, track, init);
  };
}
