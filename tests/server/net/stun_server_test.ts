import { describe, expect, it } from "vitest";
import { parseStunConfig } from "../../../server/config.ts";
import {
  ATTRIBUTES,
  decodeStun,
  encodeStun,
  METHODS,
  newTransactionId,
} from "../../../server/net/stun_message.ts";
import { STUN_RATE, StunServer } from "../../../server/net/stun_server.ts";
import { decodeXorAddress } from "../../../server/net/xor_address.ts";
import type { SocketAddress } from "../../../server/net/xor_address.ts";
import { freePort } from "../../support/free_port.ts";
import { hasIpv6, StunClient } from "../../support/stun_client.ts";
import { waitFor } from "../../support/wait.ts";

const ROOT = new URL("../../..", import.meta.url).pathname;

function request(): Uint8Array {
  return encodeStun({
    method: METHODS.binding,
    transactionId: newTransactionId(),
    attributes: [],
    key: null,
  });
}

function portOf(server: StunServer, index = 0): number {
  return Number(server.addresses[index]?.split(":").at(-1));
}

/** What the server says the client's address is. */
async function askedAddress(client: StunClient): Promise<SocketAddress | null> {
  const asked = request();
  await client.send(asked);
  const answer = decodeStun(await client.next());
  expect(answer?.transactionId).toEqual(asked.slice(8));
  const value = answer?.attributes.get(ATTRIBUTES.xorMappedAddress) ?? new Uint8Array();
  return decodeXorAddress(value, asked.subarray(8));
}

describe("our STUN server", () => {
  it("tells clients of IPv4 and IPv6 their addresses", async () => {
    const hosts = ["127.0.0.1", ...hasIpv6() ? ["::1"] : []];
    await using server = await StunServer.open({ hosts, port: 0 });
    expect(server.addresses.map((address) => address.replace(/:\d+$/, ""))).toEqual(
      hosts.map((host) => host === "::1" ? "[::1]" : host),
    );
    for (const [index, host] of hosts.entries()) {
      await using client = await StunClient.open(host, portOf(server, index));
      expect(await askedAddress(client)).toEqual(client.address);
    }
  });

  it("answers an address no more often than it may, and others all the same", async () => {
    let now = 0;
    await using server = await StunServer.open({ hosts: ["127.0.0.1"], port: 0, now: () => now });
    const port = portOf(server);
    await using greedy = await StunClient.open("127.0.0.1", port, "127.0.0.2");
    await using other = await StunClient.open("127.0.0.1", port, "127.0.0.3");
    for (let index = 0; index < STUN_RATE.burst; index++) await askedAddress(greedy);
    await greedy.send(request());
    expect(await askedAddress(other)).toEqual(other.address);
    now += 1_000 / STUN_RATE.perSecond;
    // The one that was refused is not answered later.
    expect(await askedAddress(greedy)).toEqual(greedy.address);
    expect(greedy.waitingCount).toBe(0);
  }, 30_000);

  it("goes on after datagrams that are nothing", async () => {
    await using server = await StunServer.open({ hosts: ["127.0.0.1"], port: 0 });
    await using client = await StunClient.open("127.0.0.1", portOf(server));
    for (let length = 0; length < 40; length++) {
      await client.send(crypto.getRandomValues(new Uint8Array(length)));
    }
    expect(await askedAddress(client)).toEqual(client.address);
    expect(client.waitingCount).toBe(0);
  });

  it("says why it does not listen", async () => {
    await using server = await StunServer.open({ hosts: ["127.0.0.1"], port: 0 });
    const port = portOf(server);
    await expect(StunServer.open({ hosts: ["127.0.0.1"], port })).rejects.toThrow(/EADDRINUSE/);
    // An address of documentation, which no machine has.
    await expect(StunServer.open({ hosts: ["192.0.2.1"], port })).rejects.toThrow(/EADDRNOTAVAIL/);
  });

  it("leaves out a family that the machine does not have", async () => {
    await using server = await StunServer.open({ hosts: ["127.0.0.1", "2001:db8::1"], port: 0 });
    expect(server.addresses.length).toBe(1);
  });
});

describe("parseStunConfig()", () => {
  it("listens on all addresses at the usual port by default", () => {
    expect(parseStunConfig("", "")).toEqual({ hosts: ["0.0.0.0", "::"], port: 3_478 });
    expect(parseStunConfig("40000", "::1")).toEqual({ hosts: ["::1"], port: 40_000 });
  });

  it.each([
    ["0", "", /^STUN_PORT is "0", but must be a whole number from 1 to 65535$/],
    ["3478x", "", /^STUN_PORT is "3478x"/],
    ["", "stun.example.org", /^STUN_HOST is "stun\.example\.org", but must be an IP address to listen on/],
  ])("refuses port %o at host %o in one line", (port, host, line) => {
    expect(() => parseStunConfig(port, host)).toThrow(line);
  });
});

describe("deno task stun", () => {
  it("T44 may use the network and read two variables, and nothing else", async () => {
    const { tasks } = JSON.parse(await Deno.readTextFile(`${ROOT}/deno.json`)) as {
      tasks: Record<string, string>;
    };
    const flags = tasks["stun"]?.split(" ").filter((word) => word.startsWith("--"));
    expect(flags).toEqual(["--no-prompt", "--frozen", "--allow-net", "--allow-env=STUN_PORT,STUN_HOST"]);
  });

  it("answers with these permissions, and stops when it is asked to", async () => {
    const port = freePort();
    const child = new Deno.Command(Deno.execPath(), {
      args: ["task", "--quiet", "stun"],
      cwd: ROOT,
      env: { STUN_PORT: String(port), STUN_HOST: "127.0.0.1" },
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const lines: string[] = [];
    const reading = (async () => {
      for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) lines.push(text);
    })();
    try {
      await waitFor(() => lines.join("").includes("\n"), { timeoutMs: 30_000, what: "it listens" });
      expect(lines.join("")).toBe(`Answering STUN at 127.0.0.1:${port} (UDP)\n`);
      await using client = await StunClient.open("127.0.0.1", port);
      expect(await askedAddress(client)).toEqual(client.address);
    } finally {
      child.kill("SIGTERM");
      await child.status;
      await reading;
    }
  }, 60_000);
});
