import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseConfig } from "../../../../server/config.ts";
import { StunServer } from "../../../../server/net/stun_server.ts";
import { expectNoAxeViolations } from "../../../support/accessibility.ts";
import { openBrowser } from "../../../support/browser.ts";
import type { TestBrowser } from "../../../support/browser.ts";
import { builtClient } from "../../../support/built_client.ts";
import { openCallBrowser } from "../../../support/call_browser.ts";
import { hasCoturn, startCoturn } from "../../../support/coturn.ts";
import { freePort } from "../../../support/free_port.ts";
import { hasProxies, makeCertificate } from "../../../support/proxies.ts";
import { temporaryFolder } from "../../../support/temporary_folder.ts";
import { testApp } from "../../../support/test_app.ts";
import type { TestApp } from "../../../support/test_app.ts";
import { checkBothThemes } from "../../../system/both_themes.ts";
import { openScreen, seat } from "../../../system/people_kit.ts";
import { eventually, shows } from "../../../system/screen.ts";
import type { Screen } from "../../../system/screen.ts";

const SECRET = "the-secret-of-these-relays";
const TEST_TIMEOUT_MS = 90_000;
/** Servers are given 5 s, microphones 8 s and a test call 12 s. */
const DONE = { timeout: 60_000 };

const hasRelay = await hasCoturn();
/** Certificates are made by a program that comes with those of the proxies. */
const canEncrypt = await hasProxies();

let browser: TestBrowser;

beforeAll(async () => {
  await builtClient();
  browser = await openCallBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

/** A server whose calls use these STUN and TURN servers. */
async function appWith(servers: { stun?: readonly string[]; turn?: readonly string[] }): Promise<TestApp> {
  const { stun = [], turn = [] } = servers;
  const { stunUrls, turn: relays } = parseConfig({
    STUN_URLS: stun.join(","),
    TURN_URLS: turn.join(","),
    ...(turn.length === 0 ? {} : { TURN_SECRET: SECRET }),
  });
  return await testApp({ files: await builtClient(), config: { stunUrls, turn: relays } });
}

const row = ({ page }: Screen, title: string) => page.getByRole("listitem").filter({ hasText: title });
const verdict = ({ page }: Screen) => page.locator(".doctor-verdict");

async function runTests(screen: Screen): Promise<void> {
  await screen.button("Start the tests").click(DONE);
  await screen.button("Test again").waitFor(DONE);
}

describe.skipIf(!hasRelay)("the call doctor, in a browser with a camera and a microphone", () => {
  it("hears, sees, reaches STUN and relays, calls itself, and says that all is well", async () => {
    await using stun = await StunServer.open({ hosts: ["127.0.0.1"], port: 0 });
    await using relay = await startCoturn({ secret: SECRET });
    await using app = await appWith({
      stun: [`stun:${stun.addresses[0]}`],
      turn: ["udp", "tcp"].map((transport) => `turn:127.0.0.1:${relay.port}?transport=${transport}`),
    });
    await using ana = await seat(browser, { app, person: app.owner }, { permissions: ["notifications"] });
    await ana.seesRoom("General");
    await ana.openSettings("Calls");
    await checkBothThemes(ana);
    await ana.button("Start the tests").click();
    await shows(ana.page.getByRole("img", { name: "Level of the microphone" }));
    await shows(ana.page.getByLabel("Picture of your camera"));
    await ana.button("Test again").waitFor(DONE);
    await shows(row(ana, "Microphone").getByText("Works"));
    await shows(row(ana, "Camera").getByText("Works"));
    await shows(row(ana, "STUN").getByText(/^UDP 127\.0\.0\.1:\d+: answers after \d+ ms$/));
    await shows(row(ana, "Relay").getByText(/^UDP 127\.0\.0\.1:\d+: answers after \d+ ms$/));
    await shows(row(ana, "Relay").getByText(/^TCP 127\.0\.0\.1:\d+: answers after \d+ ms$/));
    await shows(
      row(ana, "Test call").getByText(/^Direct · UDP: \d+ ms, [\d.]+% lost, \d.* sent, \d.* received$/),
    );
    // Nothing was relayed: nobody is in a call.
    expect(relay.counts().given).toBe(0);
    await eventually(() => verdict(ana).innerText()).toContain("play the tone");
    await ana.button("Play a tone").click();
    await ana.button("No").click(DONE);
    await eventually(() => verdict(ana).innerText()).toContain("You did not hear the tone");
    await checkBothThemes(ana);
    await ana.button("Play again").click();
    await ana.button("Yes").click(DONE);
    // Outside of a call there are no credentials to test the relay with.
    await eventually(() => verdict(ana).innerText()).toBe(
      "No problem found so far: test again during a call to test the relay too.",
    );
  }, TEST_TIMEOUT_MS);

  it("calls through the relay while one is in a call, and leaves the call as it is", async () => {
    await using relay = await startCoturn({ secret: SECRET });
    await using app = await appWith({ turn: [`turn:127.0.0.1:${relay.port}?transport=udp`] });
    await using ana = await seat(browser, { app, person: app.owner });
    await ana.seesRoom("General");
    await ana.button("Start a call").click(DONE);
    await ana.button("Start").click(DONE);
    await shows(ana.button("Leave"));
    await ana.openSettings("Calls");
    await runTests(ana);
    await shows(row(ana, "Relay").getByText(/^UDP .* answers after/));
    await shows(row(ana, "Test call").getByText(/^Direct · UDP/));
    await shows(row(ana, "Test call").getByText(/^Relay · UDP: .* received$/));
    expect(relay.counts().given).toBeGreaterThan(0);
    await ana.page.keyboard.press("Escape");
    await shows(ana.button("Leave"));
  }, TEST_TIMEOUT_MS);

  it("releases the devices when it ends, and when it is closed before", async () => {
    await using app = await appWith({});
    await using ana = await seat(browser, { app, person: app.owner });
    await ana.page.addInitScript(() => {
      const tracks: MediaStreamTrack[] = [];
      Object.assign(globalThis, { tracks });
      const { mediaDevices } = navigator;
      const capture = mediaDevices.getUserMedia.bind(mediaDevices);
      mediaDevices.getUserMedia = async (constraints) => {
        const stream = await capture(constraints);
        tracks.push(...stream.getTracks());
        return stream;
      };
    });
    await ana.page.reload();
    const states = () =>
      ana.page.evaluate(() => {
        const { tracks } = globalThis as unknown as { tracks: MediaStreamTrack[] };
        return tracks.map(({ kind, readyState }) => `${kind} ${readyState}`);
      });
    await ana.seesRoom("General");
    await ana.openSettings("Calls");
    await runTests(ana);
    expect(await states()).toEqual(["audio ended", "video ended"]);
    await ana.button("Test again").click();
    await eventually(states).toContain("video live");
    await ana.page.keyboard.press("Escape");
    await eventually(states).toEqual(["audio ended", "video ended", "audio ended", "video ended"]);
  }, TEST_TIMEOUT_MS);

  it("ends without an error when it is closed while everything is tested", async () => {
    await using app = await appWith({ turn: [`turn:127.0.0.1:${freePort()}?transport=udp`] });
    await using ana = await seat(browser, { app, person: app.owner });
    await ana.seesRoom("General");
    await ana.openSettings("Calls");
    await ana.button("Start the tests").click(DONE);
    await shows(ana.page.getByRole("img", { name: "Level of the microphone" }));
    await ana.page.keyboard.press("Escape");
    await ana.button("Testing …").waitFor({ state: "detached" });
  }, TEST_TIMEOUT_MS);

  it.skipIf(!canEncrypt)("reaches a relay by TLS, but not by a certificate that nobody knows", async () => {
    await using folder = await temporaryFolder();
    await using relay = await startCoturn({ secret: SECRET, tls: await makeCertificate(folder.path) });
    await using app = await appWith({ turn: [`turns:127.0.0.1:${relay.tlsPort}`] });
    await using trusting = await openCallBrowser({ flags: ["--ignore-certificate-errors"] });
    for (
      const [used, found] of [[browser, /^TLS .* no answer$/], [trusting, /^TLS .* answers after/]] as const
    ) {
      await using ana = await seat(used, { app, person: app.owner }, { path: "/doctor" });
      await runTests(ana);
      await shows(row(ana, "Relay").getByText(found));
    }
  }, TEST_TIMEOUT_MS);

  it("says that UDP is blocked where TCP alone comes through", async () => {
    await using relay = await startCoturn({ secret: SECRET, hasUdp: false });
    await using app = await appWith({
      stun: [`stun:127.0.0.1:${freePort()}`],
      turn: ["udp", "tcp"].map((transport) => `turn:127.0.0.1:${relay.port}?transport=${transport}`),
    });
    await using ana = await seat(browser, { app, person: app.owner }, { path: "/doctor" });
    await runTests(ana);
    await shows(row(ana, "STUN").getByText(/no answer$/));
    await shows(row(ana, "Relay").getByText(/^UDP .* no answer$/));
    await shows(row(ana, "Relay").getByText(/^TCP .* answers after/));
    expect(await verdict(ana).innerText()).toContain("blocks UDP");
  }, TEST_TIMEOUT_MS);

  it("says within 5 s that nothing can be reached, and copies what it found", async () => {
    const port = freePort();
    await using app = await appWith({
      stun: [`stun:127.0.0.1:${port}`],
      turn: [`turn:127.0.0.1:${port}?transport=udp`, `turns:127.0.0.1:${port}`],
    });
    await using ana = await seat(browser, { app, person: app.owner }, {
      path: "/doctor",
      permissions: ["clipboard-read", "clipboard-write"],
    });
    await ana.button("Start the tests").click(DONE);
    const startedAt = performance.now();
    await row(ana, "STUN").getByText(/no answer$/).waitFor();
    expect(performance.now() - startedAt).toBeLessThan(8_000);
    await ana.button("Test again").waitFor(DONE);
    expect(await verdict(ana).innerText()).toContain("blocks every server");
    await ana.button("Copy as text").click();
    const text = await ana.page.evaluate(() => navigator.clipboard.readText());
    expect(text).toContain("This network blocks every server");
    expect(text).toContain("Microphone: OK");
    expect(text).toContain(`UDP 127.0.0.1:${port}: no answer`);
    expect(text).not.toContain("null");
  }, TEST_TIMEOUT_MS);
});

describe("the call doctor", () => {
  it("rings as a call would, by tone, card and title, until somebody answers", async () => {
    await using app = await appWith({});
    await using ana = await seat(browser, { app, person: app.owner });
    await ana.seesRoom("General");
    await ana.openSettings("Calls");
    const title = await ana.page.title();
    await ana.page.evaluate(() => {
      const analysers: AnalyserNode[] = [];
      const connect = AudioNode.prototype.connect as (this: AudioNode, ...to: unknown[]) => AudioNode;
      // Beside the loudspeaker, everything goes into something that measures it.
      const both: typeof connect = function (...to) {
        if (to[0] instanceof AudioDestinationNode) {
          const analyser = this.context.createAnalyser();
          analysers.push(analyser);
          connect.call(this, analyser);
        }
        return connect.apply(this, to);
      };
      AudioNode.prototype.connect = both as typeof AudioNode.prototype.connect;
      Object.assign(globalThis, {
        loudness: () =>
          Math.max(
            0,
            // One that is closed keeps its last samples.
            ...analysers.filter(({ context }) => context.state === "running").map((analyser) => {
              const samples = new Float32Array(analyser.fftSize);
              analyser.getFloatTimeDomainData(samples);
              return Math.max(...samples.map(Math.abs));
            }),
          ),
      });
    });
    const loudness = () =>
      ana.page.evaluate(() => (globalThis as unknown as { loudness(): number }).loudness());
    await ana.button("Ring me").click();
    await shows(row(ana, "Ring").getByText("It rings in three seconds"));
    const card = ana.page.getByRole("region", { name: /Call doctor is calling/ });
    await shows(card);
    expect(await ana.page.title()).toBe("Call doctor is calling");
    await eventually(loudness).toBeGreaterThan(0.02);
    await checkBothThemes(ana);
    await card.getByRole("button", { name: "Accept" }).click();
    await card.waitFor({ state: "detached" });
    expect(await ana.page.title()).toBe(title);
    await eventually(loudness).toBeLessThan(0.001);
    await shows(row(ana, "Ring").getByText("You noticed it."));
  }, TEST_TIMEOUT_MS);

  it("tests devices for whoever has no account, and tells them no server", async () => {
    await using app = await appWith({ stun: ["stun:127.0.0.1:9"], turn: ["turn:127.0.0.1:9"] });
    await using guest = await openScreen(browser, { url: `${app.url}/doctor` });
    await guest.button("Start the tests").waitFor(DONE);
    await checkBothThemes(guest);
    await runTests(guest);
    await shows(row(guest, "Microphone").getByText("Works"));
    await shows(row(guest, "Test call").getByText(/^Direct · UDP/));
    await shows(row(guest, "Relay").getByText("Sign in to test it."));
    expect(await guest.page.content()).not.toContain("127.0.0.1:9");
    await guest.page.getByRole("link", { name: "Sign in to test the network too" }).click();
    await shows(guest.page.getByRole("heading", { name: "Welcome back" }));
  }, TEST_TIMEOUT_MS);

  it("says how to allow what was refused", async () => {
    await using refusing = await openCallBrowser({ asksForPermission: true });
    await using app = await appWith({});
    await using ana = await seat(refusing, { app, person: app.owner }, { path: "/doctor", permissions: [] });
    await runTests(ana);
    await shows(row(ana, "Microphone").getByText("Problem"));
    expect(await verdict(ana).innerText()).toMatch(/microphone.*: (?:click|try again)/);
    await expectNoAxeViolations(ana.page);
  }, TEST_TIMEOUT_MS);

  it("says that there are no devices", async () => {
    await using bare = await openBrowser({ flags: ["--use-fake-ui-for-media-stream"] });
    await using app = await appWith({});
    await using ana = await seat(bare, { app, person: app.owner }, { path: "/doctor" });
    await runTests(ana);
    expect(await verdict(ana).innerText()).toContain("No microphone was found: connect it");
    await shows(row(ana, "Camera").getByText("No camera was found."));
    await expectNoAxeViolations(ana.page);
  }, TEST_TIMEOUT_MS);

  it("hears that a microphone is silent", async () => {
    await using folder = await temporaryFolder();
    const file = `${folder.path}/silence.wav`;
    await Deno.writeFile(file, silence());
    await using quiet = await openCallBrowser({ flags: [`--use-file-for-fake-audio-capture=${file}`] });
    await using app = await appWith({});
    await using ana = await seat(quiet, { app, person: app.owner }, { path: "/doctor" });
    await runTests(ana);
    expect(await verdict(ana).innerText()).toContain("No sound comes from");
  }, TEST_TIMEOUT_MS);
});

/** A second of silence: 16 bits, one channel, 48 kHz. */
function silence(): Uint8Array {
  const rate = 48_000;
  const bytes = new Uint8Array(44 + rate * 2);
  const view = new DataView(bytes.buffer);
  const write = (at: number, text: string) => bytes.set(new TextEncoder().encode(text), at);
  write(0, "RIFF");
  view.setUint32(4, bytes.length - 8, true);
  write(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  write(36, "data");
  view.setUint32(40, rate * 2, true);
  return bytes;
}
