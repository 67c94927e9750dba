import { dialTurn } from "../../server/net/turn_channel.ts";
import type { TurnChannel, TurnDialOptions } from "../../server/net/turn_channel.ts";
import type { TurnCredentials } from "../../server/net/turn_allocation.ts";
import {
  ATTRIBUTES,
  decodeStun,
  encodeStun,
  errorCodeOf,
  longTermKey,
  METHODS,
  newTransactionId,
} from "../../server/net/stun_message.ts";
import type { DecodedStun } from "../../server/net/stun_message.ts";
import { encodeXorAddress } from "../../server/net/xor_address.ts";

const REQUESTED_ADDRESS_FAMILY = 0x0017;
const UDP = 17;
const REPEAT_AFTER_MS = 500;
const UNAUTHORIZED = 401;
/** coturn refuses a nonce of its own now and then, when a second begins. */
const STALE_NONCE = 438;
const TRIES_MAX_COUNT = 4;
/** Any port: a permission is for an address. */
const PEER_PORT = 9;

type Attributes = readonly (readonly [type: number, value: Uint8Array])[];

/** Does with a relay what an attacker with credentials would try. Results are 0 for success, or the error's number. */
export class TurnClient implements Disposable {
  readonly #channel: TurnChannel;
  readonly #credentials: TurnCredentials;
  #session: { readonly realm: Uint8Array; readonly nonce: Uint8Array } | null = null;

  private constructor(channel: TurnChannel, credentials: TurnCredentials) {
    this.#channel = channel;
    this.#credentials = credentials;
  }

  static async dial(options: TurnDialOptions, credentials: TurnCredentials): Promise<TurnClient> {
    return new TurnClient(await dialTurn(options), credentials);
  }

  /** Asks for a relayed address; by default one of IPv4 for UDP, whose protocol number is 17. */
  async allocate(options: { readonly isIpv6?: boolean; readonly protocol?: number } = {}): Promise<number> {
    const { isIpv6 = false, protocol = UDP } = options;
    const asked = await this.#ask(METHODS.allocate, [[
      ATTRIBUTES.requestedTransport,
      Uint8Array.of(protocol, 0, 0, 0),
    ], ...(isIpv6 ? [[REQUESTED_ADDRESS_FAMILY, Uint8Array.of(2, 0, 0, 0)] as const] : [])]);
    return errorCodeOf(asked) ?? 0;
  }

  /** Asks to be allowed to send to an address. */
  async permit(address: string): Promise<number> {
    const transactionId = newTransactionId();
    const peer = encodeXorAddress({ address, port: PEER_PORT }, transactionId);
    const attributes = [[ATTRIBUTES.xorPeerAddress, peer]] as const;
    return errorCodeOf(await this.#ask(METHODS.createPermission, attributes, transactionId)) ?? 0;
  }

  [Symbol.dispose](): void {
    this.#channel[Symbol.dispose]();
  }

  /** Sends a request, once more if the relay first asks for credentials, or for an allocation with a newer nonce. */
  async #ask(
    method: number,
    attributes: Attributes,
    transactionId: Uint8Array = newTransactionId(),
  ): Promise<DecodedStun> {
    let answer = await this.#exchange(method, attributes, transactionId);
    for (let tryCount = 1; tryCount < TRIES_MAX_COUNT; tryCount++) {
      const code = errorCodeOf(answer);
      const realm = answer.attributes.get(ATTRIBUTES.realm);
      const nonce = answer.attributes.get(ATTRIBUTES.nonce);
      const isAsked = code === UNAUTHORIZED && this.#session === null ||
        code === STALE_NONCE && method === METHODS.allocate;
      if (!isAsked || realm === undefined || nonce === undefined) return answer;
      this.#session = { realm, nonce };
      answer = await this.#exchange(method, attributes, newTransactionId());
    }
    return answer;
  }

  async #exchange(method: number, attributes: Attributes, transactionId: Uint8Array): Promise<DecodedStun> {
    const { username, password } = this.#credentials;
    const signed: Attributes = this.#session === null ? [] : [
      [ATTRIBUTES.username, new TextEncoder().encode(username)],
      [ATTRIBUTES.realm, this.#session.realm],
      [ATTRIBUTES.nonce, this.#session.nonce],
    ];
    const key = this.#session === null
      ? null
      : longTermKey(username, new TextDecoder().decode(this.#session.realm), password);
    const request = encodeStun({ method, transactionId, attributes: [...attributes, ...signed], key });
    await this.#channel.send(request);
    // A datagram may be lost on a busy machine; the answer to the same request is the same.
    const repeating = setInterval(() => void this.#channel.send(request).catch(() => {}), REPEAT_AFTER_MS);
    try {
      for (;;) {
        const answer = decodeStun(await this.#channel.receive());
        const isOurs = answer?.transactionId.every((byte, index) => byte === transactionId[index]) ?? false;
        if (answer !== null && isOurs && answer.class !== "request") return answer;
      }
    } finally {
      clearInterval(repeating);
    }
  }
}
