import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ATTRIBUTES,
  decodeStun,
  encodeStun,
  errorCodeOf,
  longTermKey,
  newTransactionId,
  stunSize,
} from "../../../server/net/stun_message.ts";

const BINDING = 0x001;

/** RFC 5769, 2.4: a request with long-term authentication. */
const SAMPLE = Uint8Array.fromHex(
  "000100602112a44278ad3433c6ad72c029da412e" +
    "00060012e3839ee38388e383aae38383e382afe382b90000" +
    "0015001c662f2f3439396b39353464364f4c33346f4c394653547679363473410014000b6578616d706c652e6f726700" +
    "00080014f67024656dd64a3e02b8e0712e85c9a28ca89666",
);
const SAMPLE_KEY = longTermKey("マトリックス", "example.org", "TheMatrIX");

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

function sampleWith(change: (bytes: Uint8Array) => void): Uint8Array {
  const bytes = SAMPLE.slice();
  change(bytes);
  return bytes;
}

describe("encodeStun()", () => {
  it("gives the bytes of the sample of RFC 5769", () => {
    const encoded = encodeStun({
      method: BINDING,
      transactionId: SAMPLE.slice(8, 20),
      attributes: [
        [ATTRIBUTES.username, text("マトリックス")],
        [ATTRIBUTES.nonce, text("f//499k954d6OL34oL9FSTvy64sA")],
        [ATTRIBUTES.realm, text("example.org")],
      ],
      key: SAMPLE_KEY,
    });
    expect(encoded.toHex()).toBe(SAMPLE.toHex());
  });

  it("is undone by decodeStun(), for every method and attribute", () => {
    fc.assert(fc.property(
      fc.integer({ min: 0, max: 0xfff }),
      fc.uniqueArray(fc.tuple(fc.integer({ min: 0x10, max: 0x8027 }), fc.uint8Array({ maxLength: 70 })), {
        selector: ([type]) => type,
      }),
      fc.uint8Array({ minLength: 1, maxLength: 80 }),
      (method, attributes, key) => {
        const transactionId = newTransactionId();
        const decoded = decodeStun(encodeStun({ method, transactionId, attributes, key }));
        expect(decoded).toMatchObject({ method, class: "request", transactionId });
        for (const [type, value] of attributes) expect(decoded?.attributes.get(type)).toEqual(value);
        expect(decoded?.isSignedWith(key)).toBe(true);
        expect(decoded?.isSignedWith(Uint8Array.of(...key, 1))).toBe(false);
      },
    ));
  });
});

describe("decodeStun()", () => {
  it("sees every change of a signed message", () => {
    for (let index = 0; index < SAMPLE.length; index++) {
      const answer = decodeStun(sampleWith((bytes) => bytes[index] = (bytes[index] ?? 0) ^ 1));
      expect(answer?.isSignedWith(SAMPLE_KEY) ?? false, `byte ${index}`).toBe(false);
    }
    expect(decodeStun(SAMPLE)?.isSignedWith(SAMPLE_KEY)).toBe(true);
  });

  it("does not believe what stands behind the signature", () => {
    const more = Uint8Array.fromHex("00090004000004" + "01");
    const bytes = Uint8Array.of(...SAMPLE, ...more);
    new DataView(bytes.buffer).setUint16(2, bytes.length - 20);
    const answer = decodeStun(bytes);
    expect(answer?.isSignedWith(SAMPLE_KEY)).toBe(true);
    expect(answer === null ? 0 : errorCodeOf(answer)).toBe(null);
  });

  it("takes any bytes, from anybody", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
      const header = Uint8Array.fromHex("010100002112a442");
      new DataView(header.buffer).setUint16(2, Math.max(0, bytes.length - 12));
      const message = Uint8Array.of(...header, ...bytes);
      expect(() => decodeStun(message)?.isSignedWith(SAMPLE_KEY)).not.toThrow();
      expect(() => decodeStun(bytes)).not.toThrow();
    }));
    for (let length = 0; length < SAMPLE.length; length++) {
      expect(decodeStun(SAMPLE.slice(0, length))).toBe(null);
    }
    expect(stunSize(text("HTTP/1.1 400 Bad Request\r\n\r\n"))).toBe(null);
  });
});
