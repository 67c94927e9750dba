import { describe, expect, it } from "vitest";
import { parseConfig } from "../../../server/config.ts";
import { tryAllocation } from "../../../server/net/turn_allocation.ts";
import { newId } from "../../../shared/ids.ts";
import { callTab, codeOf, generalRoom, tabOf } from "../../support/call_kit.ts";
import { hasCoturn, startCoturn } from "../../support/coturn.ts";
import { testApp } from "../../support/test_app.ts";

const SECRET = "secret-of-the-relays";
const NOW = Date.UTC(2030, 0, 31, 12, 0, 0, 999);
const HOUR_MS = 3_600_000;
/** Of `calls.iceServers` and `calls.connectSfu`, a device in an hour. */
const PER_HOUR_COUNT = 60;

const hasRelay = await hasCoturn();

/** Settings as they come from the environment. */
function settings(environment: Parameters<typeof parseConfig>[0]) {
  const { stunUrls, turn, liveKit } = parseConfig(environment);
  return { stunUrls, turn, liveKit };
}

describe("calls.iceServers", () => {
  it("lists STUN and TURN servers, with credentials for ten minutes that name the account", async () => {
    const config = settings({
      STUN_URLS: "stun:stun.example.org",
      STUN_PORT: "3478",
      TURN_URLS: "turn:turn.example.org:3478,turns:turn.example.org",
      TURN_SECRET: SECRET,
    });
    await using app = await testApp({ config, now: () => NOW });
    const tab = await tabOf(app, app.owner);
    const { call: { callId } } = await tab.start(await generalRoom(app.owner));
    const until = Date.UTC(2030, 0, 31, 12, 10, 0);
    expect(await tab.api.calls.iceServers.query({ callId })).toEqual({
      iceServers: [
        { urls: ["stun:stun.example.org", "stun:127.0.0.1:3478"] },
        {
          urls: ["turn:turn.example.org:3478", "turns:turn.example.org"],
          username: `${until / 1_000}:${app.owner.id}`,
          credential: expect.stringMatching(/^[A-Za-z0-9+/]{27}=$/),
        },
      ],
      expiresAt: new Date(until).toISOString(),
    });
    expect(app.logs.join("\n")).not.toContain(SECRET);
  });

  it("lists nothing where nothing is configured, and STUN alone without credentials", async () => {
    await using bare = await testApp();
    const tab = await tabOf(bare, bare.owner);
    const { call: { callId } } = await tab.start(await generalRoom(bare.owner));
    expect(await tab.api.calls.iceServers.query({ callId })).toEqual({ iceServers: [], expiresAt: null });
    await using app = await testApp({ config: settings({ STUN_PORT: "40000" }) });
    const other = await tabOf(app, app.owner);
    const { call } = await other.start(await generalRoom(app.owner));
    expect(await other.api.calls.iceServers.query({ callId: call.callId })).toEqual({
      iceServers: [{ urls: ["stun:127.0.0.1:40000"] }],
      expiresAt: null,
    });
  });

  it("T30 lists the servers without credentials to whoever is in no call", async () => {
    const config = settings({
      STUN_URLS: "stun:stun.example.org",
      TURN_URLS: "turn:turn.example.org",
      TURN_SECRET: SECRET,
    });
    await using app = await testApp({ config });
    const roomId = await generalRoom(app.owner);
    const guest = await app.person("Gus", { role: "guest", roomId });
    const ask = () => guest.api.calls.iceServers.query({ callId: null });
    expect(await ask()).toEqual({
      iceServers: [{ urls: ["stun:stun.example.org"] }, { urls: ["turn:turn.example.org"] }],
      expiresAt: null,
    });
    expect(await codeOf(app.device().client("http").calls.iceServers.query({ callId: null })))
      .toBe("unauthenticated");
    // However often it is asked, there is enough left for calls.
    let count = 1;
    while (await codeOf(ask()) === "ok" && count < 100) count++;
    expect(count).toBeLessThan(30);
    const tab = await tabOf(app, guest);
    const { call: { callId } } = await tab.start(roomId);
    expect(await codeOf(guest.api.calls.iceServers.query({ callId }))).toBe("ok");
  });

  it("T30 is for devices that are in the call now, and for nobody else", async () => {
    const config = settings({ TURN_URLS: "turn:turn.example.org", TURN_SECRET: SECRET });
    await using app = await testApp({ config });
    const [ben, cleo] = [await app.person("Ben"), await app.person("Cleo")];
    const [one, two] = [await tabOf(app, app.owner), await tabOf(app, ben)];
    const { call } = await one.start(await generalRoom(app.owner));
    const { callId } = call;
    const ask = (api: typeof ben.api) => codeOf(api.calls.iceServers.query({ callId }));
    expect(await ask(two.api)).toBe("not_in_call");
    await two.join(call);
    expect(await ask(two.api)).toBe("ok");
    // A tab that does not listen belongs to the device too; another device of the person does not.
    expect(await ask(ben.api)).toBe("ok");
    const token = await ben.api.tokens.create.mutate({ label: "other" });
    const device = app.device();
    device.token = token.token;
    expect(await ask(device.client("http"))).toBe("not_in_call");
    expect(await ask(cleo.api)).toBe("not_in_call");
    expect(await codeOf(cleo.api.calls.iceServers.query({ callId: newId() }))).toBe("not_found");
    await two.leave(call);
    expect(await ask(two.api)).toBe("not_in_call");
    await one.leave(call);
    expect(await ask(one.api)).toBe("not_found");
    // A call that one may not see is as good as none.
    const { id: roomId } = await ben.api.rooms.create.mutate({ name: "Else", kind: "private" });
    const hidden = await two.start(roomId);
    expect(await codeOf(cleo.api.calls.iceServers.query({ callId: hidden.call.callId }))).toBe("not_found");
  });

  it("T30 gives a device at most sixty in an hour, also if it leaves and comes back", async () => {
    let now = NOW;
    const config = settings({ TURN_URLS: "turn:turn.example.org", TURN_SECRET: SECRET });
    await using app = await testApp({ config, now: () => now });
    const ben = await app.person("Ben");
    const [one, two] = [await tabOf(app, app.owner), await tabOf(app, ben)];
    const { call } = await one.start(await generalRoom(app.owner));
    const { callId } = call;
    await two.join(call);
    const start = now;
    let givenCount = 0;
    while (now - start < HOUR_MS && givenCount <= PER_HOUR_COUNT) {
      // By HTTP: a WebSocket is closed at the third refusal.
      const code = await codeOf(ben.api.calls.iceServers.query({ callId }));
      if (code === "ok") givenCount++;
      else {
        expect(code).toBe("rate_limited");
        now += 60_000;
      }
      if (givenCount === 10) {
        await two.leave(call);
        await two.join(call);
      }
    }
    expect(givenCount).toBeGreaterThan(PER_HOUR_COUNT - 3);
    expect(givenCount).toBeLessThanOrEqual(PER_HOUR_COUNT);
    expect(await codeOf(one.api.calls.iceServers.query({ callId }))).toBe("ok");
  }, 30_000);

  it.skipIf(!hasRelay)(
    "hands out credentials that a real relay accepts, and refuses when they are over",
    async () => {
      await using relay = await startCoturn({ secret: SECRET });
      let now = Date.now();
      const config = settings({ TURN_URLS: `turn:127.0.0.1:${relay.port}`, TURN_SECRET: SECRET });
      await using app = await testApp({ config, now: () => now });
      const tab = await callTab(app.clientFor(app.owner, "ws"));
      const { call: { callId } } = await tab.start(await generalRoom(app.owner));
      const allocate = async () => {
        const { iceServers: [relays] } = await tab.api.calls.iceServers.query({ callId });
        const [server] = config.turn?.servers ?? [];
        if (server === undefined) throw new Error("No relay");
        const credentials = { username: relays?.username ?? "", password: relays?.credential ?? "" };
        await tryAllocation({ server, signal: AbortSignal.timeout(20_000) }, credentials);
      };
      await allocate();
      now -= 10 * 60_000 + 2_000;
      await expect(allocate()).rejects.toThrow("refuses our credentials");
    },
    60_000,
  );
});

describe("calls.connectSfu", () => {
  it("is for participants, and for calls that go through LiveKit", async () => {
    const config = settings({
      LIVEKIT_URL: "wss://livekit.example.org",
      LIVEKIT_KEY: "parley",
      LIVEKIT_SECRET: "thirty-two-characters-or-more-of-it",
    });
    for (const liveKit of [config.liveKit, null]) {
      await using app = await testApp({ config: { ...config, liveKit } });
      const ben = await app.person("Ben");
      const tab = await tabOf(app, app.owner);
      const { call: { callId } } = await tab.start(await generalRoom(app.owner));
      expect(await codeOf(tab.api.calls.connectSfu.query({ callId }))).toBe("wrong_state");
      expect(await codeOf(ben.api.calls.connectSfu.query({ callId }))).toBe("not_in_call");
    }
  });
});
