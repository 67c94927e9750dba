import { describe, expect, it } from "vitest";
import { newId } from "../../shared/ids.ts";
import { openBareCall, REMOTE } from "../support/bare_call.ts";
import type { Page } from "../support/browser.ts";
import { countPictures, openCallBrowser, soundLevel } from "../support/call_browser.ts";
import { hasCoturn } from "../support/coturn.ts";
import { freePort } from "../support/free_port.ts";
import { hasProxies } from "../support/proxies.ts";
import { waitFor } from "../support/wait.ts";
import { credentialsOf, startDeployedRelay } from "./deployed_relay.ts";
import type { DeployedRelay } from "./deployed_relay.ts";

const HEARD_MIN = 0.02;
const WAIT = { timeoutMs: 30_000 };
/** Whoever has no candidate by then is told that the relay cannot be reached. */
const UNREACHABLE_AFTER_MS = 5_000;

const canRun = await hasCoturn() && await hasProxies();

/** What a browser is told to use a relay alone. */
function relayOnly(
  urls: readonly string[],
  { now = Date.now(), secret }: { now?: number; secret?: string } = {},
) {
  const { username, password } = credentialsOf(newId(), now, secret);
  return {
    iceTransportPolicy: "relay",
    iceServers: [{ urls: [...urls], username, credential: password }],
  } satisfies RTCConfiguration;
}

function urlOf({ coturn: { port } }: DeployedRelay, transport: "udp" | "tcp"): string {
  return `turn:127.0.0.1:${port}?transport=${transport}`;
}

interface Gathered {
  readonly types: readonly string[];
  readonly codes: readonly number[];
  /** Null if it had not ended when it was no longer waited for. */
  readonly endedAfterMs: number | null;
}

/** What a browser gathers until it has ended, or for as long as a client waits. */
async function gather(configuration: RTCConfiguration): Promise<Gathered> {
  await using browser = await openCallBrowser();
  await using profile = await browser.openProfile();
  const page: Page = await profile.openPage("about:blank");
  return await page.evaluate(async ({ configuration, waitMs }) => {
    const connection = new RTCPeerConnection(configuration);
    const types: string[] = [];
    const codes: number[] = [];
    const { promise, resolve } = Promise.withResolvers<number | null>();
    const startedAt = performance.now();
    connection.onicecandidateerror = ({ errorCode }) => void codes.push(errorCode);
    connection.onicecandidate = ({ candidate }) => {
      if (candidate === null) resolve(performance.now() - startedAt);
      else types.push(String(candidate.type));
    };
    connection.createDataChannel("any");
    await connection.setLocalDescription();
    setTimeout(() => resolve(null), waitMs);
    const endedAfterMs = await promise;
    connection.close();
    return { types, codes, endedAfterMs };
  }, { configuration, waitMs: UNREACHABLE_AFTER_MS });
}

describe.skipIf(!canRun)("two browsers and coturn as in server/deploy", () => {
  it.each(["udp", "tcp"] as const)("see and hear each other through it alone, by %s", async (transport) => {
    await using relay = await startDeployedRelay();
    await using call = await openBareCall({ configuration: relayOnly([urlOf(relay, transport)]) });
    await Promise.all(call.pages.map(async (page) => {
      await waitFor(async () => await countPictures(page, REMOTE, { enough: 2 }) > 0, WAIT);
      await waitFor(async () => await soundLevel(page, REMOTE, { enough: HEARD_MIN }) >= HEARD_MIN, WAIT);
      const types = await page.evaluate(async () => {
        const { connection } = globalThis as unknown as { connection: RTCPeerConnection };
        const stats = await connection.getStats() as unknown as Map<string, Record<string, unknown>>;
        return [...stats.values()].filter(({ type }) => type === "local-candidate").map((each) =>
          each["candidateType"]
        );
      });
      expect(new Set(types)).toEqual(new Set(["relay"]));
    }));
    expect(relay.coturn.counts().given).toBeGreaterThanOrEqual(2);
  }, 120_000);

  it(
    "T31 are told nothing but relayed addresses, and at once when credentials are expired or wrong",
    async () => {
      await using relay = await startDeployedRelay();
      const urls = [urlOf(relay, "udp")];
      const fine = await gather(relayOnly(urls));
      expect(new Set(fine.types)).toEqual(new Set(["relay"]));
      const refused = [
        relayOnly(urls, { now: Date.now() - 11 * 60_000 }),
        relayOnly(urls, { secret: "the-secret-of-other-relays" }),
      ];
      for (const configuration of refused) {
        const { types, codes } = await gather(configuration);
        expect(types).toEqual([]);
        expect(codes).toContain(401);
      }
    },
    120_000,
  );

  it("get no address from a relay that is not there, for which clients wait 5 s", async () => {
    const { types } = await gather(relayOnly([`turn:127.0.0.1:${freePort()}?transport=udp`]));
    expect(types).toEqual([]);
  }, 60_000);
});
