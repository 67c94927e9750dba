import { expect } from "vitest";
import { parseCallServers } from "../../server/call_servers.ts";
import { iceServersFor } from "../../server/calls/ice_servers.ts";
import type { TurnCredentials } from "../../server/net/turn_allocation.ts";
import { newId } from "../../shared/ids.ts";
import type { UserId } from "../../shared/ids.ts";
import { startCoturn } from "../support/coturn.ts";
import type { Coturn } from "../support/coturn.ts";
import { freePort } from "../support/free_port.ts";
import { makeCertificate } from "../support/proxies.ts";
import { hasIpv6 } from "../support/stun_client.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { TurnClient } from "../support/turn_client.ts";

const FILE = new URL("../../server/deploy/turnserver.conf", import.meta.url);
/** What the relay and the server share. */
export const RELAY_SECRET = "the-secret-of-these-relays";
/** How long a request to a relay may take on a busy machine. */
export const ATTEMPT_MS = 20_000;

/** A relay as deployed. */
export interface DeployedRelay extends AsyncDisposable {
  readonly coturn: Coturn;
  readonly pem: string;
  /** A device of a new account, unless told which. */
  dial(
    options?: { readonly userId?: UserId; readonly now?: number; readonly secret?: string },
  ): Promise<TurnClient>;
}

/** Starts the file as it is deployed, on loopback. */
export async function startDeployedRelay({ isLoopbackAllowed = true } = {}): Promise<DeployedRelay> {
  const folder = await temporaryFolder();
  const { pem, certFile, keyFile } = await makeCertificate(folder.path);
  const replacements = [
    [/^static-auth-secret=.*$/m, `static-auth-secret=${RELAY_SECRET}`],
    [/^external-ip=.*$/m, "external-ip=127.0.0.1"],
    [/^cert=.*$/m, `cert=${certFile}`],
    [/^pkey=.*$/m, `pkey=${keyFile}`],
    [/^listening-port=.*\n/m, ""],
    [/^tls-listening-port=.*\n/m, ""],
  ] as const;
  let text = await Deno.readTextFile(FILE);
  for (const [from, to] of replacements) {
    expect(text).toMatch(from);
    text = text.replace(from, to);
  }
  if (hasIpv6()) text += "\nrelay-ip=::1\n";
  if (isLoopbackAllowed) text += "\nallow-loopback-peers\nallowed-peer-ip=127.0.0.1\n";
  const configFile = `${folder.path}/turnserver.conf`;
  await Deno.writeTextFile(configFile, text);
  const coturn = await startCoturn({
    secret: RELAY_SECRET,
    port: freePort(),
    tls: { certFile, keyFile },
    configFile,
  });
  return {
    coturn,
    pem,
    async dial({ userId = newId<UserId>(), now = Date.now(), secret = RELAY_SECRET } = {}) {
      const server = { url: "", host: "127.0.0.1", port: coturn.port, transport: "udp" } as const;
      const credentials = credentialsOf(userId, now, secret);
      return await TurnClient.dial({ server, signal: AbortSignal.timeout(ATTEMPT_MS) }, credentials);
    },
    async [Symbol.asyncDispose]() {
      await coturn[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** What `calls.iceServers` hands out. */
export function credentialsOf(userId: UserId, now: number, secret = RELAY_SECRET): TurnCredentials {
  const { stunUrls, turn } = parseCallServers({
    stunUrls: "",
    stunPort: "",
    turnUrls: "turn:turn.example.org",
    turnSecret: secret,
    liveKitUrl: "",
    liveKitKey: "",
    liveKitSecret: "",
  }, null);
  const [relays] = iceServersFor({ stunUrls, turn }, { userId, now }).iceServers;
  return { username: relays?.username ?? "", password: relays?.credential ?? "" };
}
