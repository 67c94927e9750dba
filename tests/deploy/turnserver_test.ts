import { describe, expect, it } from "vitest";
import { tryAllocation } from "../../server/net/turn_allocation.ts";
import type { TurnCredentials } from "../../server/net/turn_allocation.ts";
import { MESH_MAX_COUNT } from "../../shared/call/mesh_limits.ts";
import { newId } from "../../shared/ids.ts";
import type { UserId } from "../../shared/ids.ts";
import { hasCoturn } from "../support/coturn.ts";
import { hasProxies } from "../support/proxies.ts";
import { hasIpv6 } from "../support/stun_client.ts";
import { ATTEMPT_MS, credentialsOf, startDeployedRelay } from "./deployed_relay.ts";

const QUOTA_REACHED = 486;
const FORBIDDEN = 403;
const UNAUTHORIZED = 401;
/** URLs of the relay that `server/deploy/turnserver.conf` tells people to configure. */
const URLS_COUNT = 3;
/** Addresses that one account needs at most: each link while it restarts; the doctor's probes and test call. */
const NEEDED_COUNT = 2 * URLS_COUNT * (MESH_MAX_COUNT - 1) + URLS_COUNT + 2;
/** The file names it so that one account cannot use up everything. */
const USER_QUOTA = 36;

const canRun = await hasCoturn() && await hasProxies();

describe.skipIf(!canRun)("coturn as in server/deploy", () => {
  it(
    "gives addresses by UDP, TCP and TLS for ten minutes, and none after that or with another secret",
    async () => {
      await using relay = await startDeployedRelay();
      const { port, tlsPort } = relay.coturn;
      const now = Date.now();
      const userId = newId<UserId>();
      const attempt = (transport: "udp" | "tcp" | "tls", credentials: TurnCredentials) => {
        const server = { url: "", host: "127.0.0.1", port: transport === "tls" ? tlsPort : port, transport };
        const signal = AbortSignal.timeout(ATTEMPT_MS);
        return tryAllocation({ server, signal, caCerts: [relay.pem] }, credentials);
      };
      for (const transport of ["udp", "tcp", "tls"] as const) {
        await attempt(transport, credentialsOf(userId, now));
        const expired = credentialsOf(userId, now - 11 * 60_000);
        await expect(attempt(transport, expired)).rejects.toThrow("refuses our credentials");
        const wrong = credentialsOf(userId, now, "the-secret-of-other-relays");
        await expect(attempt(transport, wrong)).rejects.toThrow("refuses our credentials");
        // Whoever knows a password cannot make another name of it.
        const { username, password } = credentialsOf(userId, now);
        const other = {
          username: username.replace(/^\d+/, (seconds) => `${Number(seconds) + 3_600}`),
          password,
        };
        await expect(attempt(transport, other)).rejects.toThrow("refuses our credentials");
      }
      expect(relay.coturn.counts().given).toBe(3);
    },
    60_000,
  );

  it(
    "T30 sends nothing to loopback, private networks, cloud metadata, or what stands for them in IPv6",
    async () => {
      await using relay = await startDeployedRelay();
      using client = await relay.dial();
      expect(await client.allocate()).toBe(0);
      const denied = [
        ...["127.0.0.2", "127.255.255.255", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255"],
        ...["192.168.0.1", "192.168.255.255", "169.254.169.254", "100.64.0.1", "0.0.0.0", "192.0.0.8"],
        ...["198.18.0.1", "240.0.0.1", "255.255.255.255", "224.0.0.251", "239.255.255.250"],
      ];
      for (const address of denied) {
        expect([address, await client.permit(address)]).toEqual([address, FORBIDDEN]);
      }
      for (const address of ["127.0.0.1", "93.184.215.14", "172.32.0.1", "11.0.0.1"]) {
        expect([address, await client.permit(address)]).toEqual([address, 0]);
      }
      if (!hasIpv6()) {
        return;
      }
      using client6 = await relay.dial();
      expect(await client6.allocate({ isIpv6: true })).toBe(0);
      const denied6 = [
        ...[
          "::",
          "::1",
          "::ffff:127.0.0.1",
          "::ffff:10.0.0.1",
          "64:ff9b::7f00:1",
          "2002:7f00:1::1",
          "fc00::1",
        ],
        ...["fd00:ec2::254", "fe80::1", "ff02::1", "2001::1", "2001:db8::1", "100::1"],
      ];
      for (const address of denied6) {
        expect([address, await client6.permit(address)]).toEqual([address, FORBIDDEN]);
      }
      expect(await client6.permit("2606:4700:4700::1111")).toBe(0);
    },
    60_000,
  );

  it("T30 sends nothing to its own loopback address either, where no test allows that", async () => {
    await using relay = await startDeployedRelay({ isLoopbackAllowed: false });
    using client = await relay.dial();
    expect(await client.allocate()).toBe(0);
    expect(await client.permit("127.0.0.1")).toBe(FORBIDDEN);
  }, 60_000);

  it(
    "T30 gives an account what it needs for the largest call, however often its credentials are renewed, and others theirs",
    async () => {
      expect(USER_QUOTA).toBeGreaterThanOrEqual(NEEDED_COUNT);
      await using relay = await startDeployedRelay();
      await using clients = new AsyncDisposableStack();
      const userId = newId<UserId>();
      const results: number[] = [];
      for (let index = 0; index <= USER_QUOTA; index++) {
        const client = clients.use(await relay.dial({ userId, now: Date.now() - index * 1_000 }));
        results.push(await client.allocate());
      }
      expect(results).toEqual([...Array.from({ length: USER_QUOTA }, () => 0), QUOTA_REACHED]);
      expect(await clients.use(await relay.dial()).allocate()).toBe(0);
    },
    60_000,
  );

  it("relays no TCP, and nothing for whoever has no credentials", async () => {
    await using relay = await startDeployedRelay();
    using client = await relay.dial();
    expect(await client.allocate({ protocol: 6 })).toBeGreaterThanOrEqual(400);
    using stranger = await relay.dial({ secret: "a-guess-of-the-secret" });
    expect(await stranger.allocate()).toBe(UNAUTHORIZED);
  }, 60_000);
});
