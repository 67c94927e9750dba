import { createHmac } from "node:crypto";
import {
  ATTRIBUTES,
  decodeStun,
  encodeStun,
  errorCodeOf,
  longTermKey,
  METHODS,
  newTransactionId,
} from "./stun_message.ts";
import type { DecodedStun } from "./stun_message.ts";
import { dialTurn } from "./turn_channel.ts";
import type { TurnChannel, TurnDialOptions } from "./turn_channel.ts";

/** A lost datagram is repeated after this, then after twice as long, and so on. */
const REPEAT_AFTER_MS = 250;
/** Protocol number of UDP, which is what is relayed. */
const UDP = 17;
const UNAUTHORIZED = 401;
const STALE_NONCE = 438;

/** What a relay asks for; it knows the secret that the password is made with. */
export interface TurnCredentials {
  readonly username: string;
  readonly password: string;
}

/** Makes credentials that a relay with the same secret accepts until `expiresAt`, in epoch ms. */
export function turnCredentials(secret: string, userId: string, expiresAt: number): TurnCredentials {
  const username = `${Math.floor(expiresAt / 1_000)}:${userId}`;
  return { username, password: createHmac("sha1", secret).update(username).digest("base64") };
}

/** Credentials with what the relay said. */
interface Session extends TurnCredentials {
  readonly realm: Uint8Array;
  readonly nonce: Uint8Array;
}

/**
 * Asks a relay for an address and gives it back, as RFC 8656 says. It throws with a reason when the relay does not
 * answer, refuses, or does not know the secret itself.
 */
export async function tryAllocation(options: TurnDialOptions, credentials: TurnCredentials): Promise<void> {
  using channel = await dialTurn(options);
  const wanted = [[ATTRIBUTES.requestedTransport, Uint8Array.of(UDP, 0, 0, 0)]] as const;
  const asked = await exchange(channel, METHODS.allocate, wanted, null);
  if (asked.class === "success") throw new Error("The relay lets anybody use it");
  let session = sessionOf(asked, credentials, UNAUTHORIZED);
  let allocated = await exchange(channel, METHODS.allocate, wanted, session);
  if (allocated.class === "error" && errorCodeOf(allocated) === STALE_NONCE) {
    session = sessionOf(allocated, credentials, STALE_NONCE);
    allocated = await exchange(channel, METHODS.allocate, wanted, session);
  }
  checkSuccess(allocated, session);
  if (!allocated.attributes.has(ATTRIBUTES.xorRelayedAddress)) {
    throw new Error("The relay gave no address");
  }
  const over = [[ATTRIBUTES.lifetime, new Uint8Array(4)]] as const;
  checkSuccess(await exchange(channel, METHODS.refresh, over, session), session);
}

function sessionOf(answer: DecodedStun, credentials: TurnCredentials, expectedCode: number): Session {
  const code = errorCodeOf(answer);
  const realm = answer.attributes.get(ATTRIBUTES.realm);
  const nonce = answer.attributes.get(ATTRIBUTES.nonce);
  if (code !== expectedCode || realm === undefined || nonce === undefined) {
    throw new Error(`The relay answers ${code} instead of asking for credentials`);
  }
  return { ...credentials, realm, nonce };
}

function checkSuccess(answer: DecodedStun, session: Session): void {
  const code = errorCodeOf(answer);
  if (code === UNAUTHORIZED) throw new Error("The relay refuses our credentials: is TURN_SECRET the same?");
  if (answer.class !== "success") throw new Error(`The relay refuses with ${code}`);
  // Whoever does not know the secret cannot pretend to be the relay.
  if (!answer.isSignedWith(keyOf(session))) throw new Error("The relay does not know the secret");
}

/** Sends a request until its answer comes; anything else that arrives is ignored. */
async function exchange(
  channel: TurnChannel,
  method: number,
  attributes: readonly (readonly [type: number, value: Uint8Array])[],
  session: Session | null,
): Promise<DecodedStun> {
  const transactionId = newTransactionId();
  const signed = session === null ? [] : [
    [ATTRIBUTES.username, new TextEncoder().encode(session.username)],
    [ATTRIBUTES.realm, session.realm],
    [ATTRIBUTES.nonce, session.nonce],
  ] as const;
  const key = session === null ? null : keyOf(session);
  const request = encodeStun({ method, transactionId, attributes: [...attributes, ...signed], key });
  await channel.send(request);
  const stopRepeating = channel.isReliable ? () => {} : repeat(() => channel.send(request));
  try {
    for (;;) {
      const answer = decodeStun(await channel.receive());
      const isOurs = answer?.transactionId.every((byte, index) => byte === transactionId[index]) ?? false;
      if (answer !== null && isOurs && answer.class !== "request" && answer.method === method) return answer;
    }
  } finally {
    stopRepeating();
  }
}

/** Calls `send` at growing intervals until it is stopped. */
function repeat(send: () => Promise<void>): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const wait = (ms: number) => {
    timer = setTimeout(() => {
      // A socket that is closed meanwhile is seen by whoever receives.
      send().catch(() => {});
      wait(2 * ms);
    }, ms);
  };
  wait(REPEAT_AFTER_MS);
  return () => clearTimeout(timer);
}

function keyOf({ username, realm, password }: Session): Uint8Array {
  return longTermKey(username, new TextDecoder().decode(realm), password);
}
