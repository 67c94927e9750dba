import { describe, expect, it } from "vitest";
import { ATTRIBUTES, decodeStun, encodeStun } from "../../../server/net/stun_message.ts";
import { parseTurnServer } from "../../../server/net/turn_server.ts";
import { CallsProbe } from "../../../server/status/probes/calls_probe.ts";
import { runProbe } from "../../../server/status/probes/probe.ts";
import type { ProbeReport } from "../../../server/status/probes/probe.ts";
import { hasCoturn, startCoturn } from "../../support/coturn.ts";
import { freePort } from "../../support/free_port.ts";
import { hasProxies, makeCertificate } from "../../support/proxies.ts";
import { temporaryFolder } from "../../support/temporary_folder.ts";

const SECRET = "secret-of-the-relays";
const isThere = await hasCoturn();
const canMakeCertificates = await hasProxies();

function hasIpv6(): boolean {
  try {
    Deno.listen({ hostname: "::1", port: 0 }).close();
    return true;
  } catch {
    return false;
  }
}

function probe(urls: readonly string[], secret = SECRET, caCerts: string[] = []): Promise<ProbeReport> {
  const servers = urls.flatMap((url) => parseTurnServer(url) ?? []);
  expect(servers.length).toBe(urls.length);
  return runProbe(new CallsProbe({ servers, secret, now: Date.now, caCerts }));
}

describe.skipIf(!isThere)("the probe of calls", () => {
  it("gets an address from a relay by UDP and TCP, and gives it back", async () => {
    await using relay = await startCoturn({ secret: SECRET });
    const byUdp = `turn:127.0.0.1:${relay.port}`;
    expect(await probe([byUdp, `${byUdp}?transport=tcp`, `turn:localhost:${relay.port}`])).toEqual({
      state: "operational",
    });
    await expect.poll(() => relay.counts()).toEqual({ given: 3, returned: 3 });
  });

  it.skipIf(!canMakeCertificates)("gets one by TLS, if it trusts the certificate", async () => {
    await using folder = await temporaryFolder();
    const certificate = await makeCertificate(folder.path);
    await using relay = await startCoturn({ secret: SECRET, tls: certificate });
    const url = `turns:127.0.0.1:${relay.tlsPort}`;
    expect(await probe([url], SECRET, [certificate.pem])).toEqual({ state: "operational" });
    const { state, reason } = await probe([url]);
    expect(state).toBe("major_outage");
    expect(reason).toMatch(/certificate|UnknownIssuer/);
  });

  it.skipIf(!hasIpv6())("gets one over IPv6", async () => {
    await using relay = await startCoturn({ secret: SECRET, host: "::1" });
    const url = `turn:[::1]:${relay.port}`;
    expect(await probe([url, `${url}?transport=tcp`])).toEqual({ state: "operational" });
  });

  it("fails with another secret, and says so at once", async () => {
    await using relay = await startCoturn({ secret: SECRET });
    const url = `turn:127.0.0.1:${relay.port}`;
    expect(await probe([url], "another-secret-of-relays")).toEqual({
      state: "major_outage",
      reason: `${url}: The relay refuses our credentials: is TURN_SECRET the same?`,
    });
    expect(relay.counts().given).toBe(0);
  });

  it("fails while the relay is frozen or gone, and works when it is back", async () => {
    const relay = await startCoturn({ secret: SECRET });
    const urls = [`turn:127.0.0.1:${relay.port}`, `turn:127.0.0.1:${relay.port}?transport=tcp`];
    relay.signal("SIGSTOP");
    expect(await probe(urls)).toEqual({
      state: "major_outage",
      reason: urls.map((url) => `${url}: no answer within 3000 ms`).join("; "),
    });
    relay.signal("SIGCONT");
    expect((await probe(urls)).state).toBe("operational");
    await relay[Symbol.asyncDispose]();
    expect((await probe(urls)).state).toBe("major_outage");
    await using _again = await startCoturn({ secret: SECRET, port: relay.port });
    expect((await probe(urls)).state).toBe("operational");
  }, 30_000);

  it("is a partial outage where datagrams are blocked", async () => {
    await using relay = await startCoturn({ secret: SECRET, hasUdp: false });
    const byUdp = `turn:127.0.0.1:${relay.port}`;
    expect(await probe([byUdp, `${byUdp}?transport=tcp`])).toEqual({
      state: "partial_outage",
      reason: `${byUdp}: no answer within 3000 ms`,
    });
  });
});

describe("a relay that is none", () => {
  it("is not believed when it grants everything without knowing the secret", async () => {
    const port = freePort();
    const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port });
    const serving = (async () => {
      let count = 0;
      for await (const [bytes, from] of socket) {
        const asked = decodeStun(bytes);
        if (asked === null) continue;
        const { method, transactionId } = asked;
        const answer = encodeStun({
          method,
          transactionId,
          attributes: count++ === 0
            ? [
              [ATTRIBUTES.errorCode, Uint8Array.of(0, 0, 4, 1)],
              [ATTRIBUTES.realm, new TextEncoder().encode("parley.test")],
              [ATTRIBUTES.nonce, new TextEncoder().encode("nonce")],
            ]
            : [[ATTRIBUTES.xorRelayedAddress, new Uint8Array(8)]],
          key: count === 1 ? null : new TextEncoder().encode("guess"),
        });
        answer[0] = 0x01;
        answer[1] = count === 1 ? 0x13 : 0x03;
        await socket.send(answer, from);
      }
    })();
    const { state, reason } = await probe([`turn:127.0.0.1:${port}`]);
    socket.close();
    await serving;
    expect(state).toBe("major_outage");
    expect(reason).toContain("does not know the secret");
  });

  it("is told from one when another program listens there", async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const serving = (async () => {
      const connection = await listener.accept();
      await connection.write(new TextEncoder().encode("SSH-2.0-OpenSSH_9.2 is not a relay\r\n"));
      connection.close();
    })();
    const { state, reason } = await probe([`turn:127.0.0.1:${listener.addr.port}?transport=tcp`]);
    await serving;
    listener.close();
    expect(state).toBe("major_outage");
    expect(reason).toContain("another protocol");
  });
});
