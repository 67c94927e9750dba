import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answerBinding } from "../../../server/net/stun_binding.ts";
import {
  ATTRIBUTES,
  decodeStun,
  encodeStun,
  errorCodeOf,
  METHODS,
  newTransactionId,
} from "../../../server/net/stun_message.ts";
import { decodeXorAddress, encodeXorAddress } from "../../../server/net/xor_address.ts";

/** RFC 5769, 2.1 to 2.3: a request of ICE and its answers by IPv4 and IPv6, signed with the same password. */
const REQUEST = Uint8Array.fromHex(
  "000100582112a442b7e7a701bc34d686fa87dfae" + "802200105354554e207465737420636c69656e74" +
    "002400046e0001ff" + "80290008932ff9b151263b36" + "000600096576746a3a68367659202020" +
    "000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2" + "80280004e57a3bcf",
);
const ANSWERS = [
  {
    from: { address: "192.0.2.1", port: 32_853 },
    bytes: Uint8Array.fromHex(
      "0101003c2112a442b7e7a701bc34d686fa87dfae" + "8022000b7465737420766563746f7220" +
        "002000080001a147e112a643" + "000800142b91f599fd9e90c38c7489f92af9ba53f06be7d7" +
        "80280004c07d4c96",
    ),
  },
  {
    from: { address: "2001:db8:1234:5678:11:2233:4455:6677", port: 32_853 },
    bytes: Uint8Array.fromHex(
      "010100482112a442b7e7a701bc34d686fa87dfae" + "8022000b7465737420766563746f7220" +
        "002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9" +
        "00080014a382954e4be67bf11784c97c8292c275bfe3ed41" + "80280004c8fb0b4c",
    ),
  },
];
const PASSWORD = new TextEncoder().encode("VOkJxbRl1RmTxUk/WvJxBt");
const FROM = { address: "198.51.100.7", port: 40_000 };
const ANSWER_MAX_BYTES = 44;

function bindingRequest(attributes: readonly (readonly [number, Uint8Array])[] = []): Uint8Array {
  return encodeStun({ method: METHODS.binding, transactionId: newTransactionId(), attributes, key: null });
}

/** Appends the checksum that RFC 8489, 14.7 describes. */
function withFingerprint(message: Uint8Array): Uint8Array {
  const bytes = Uint8Array.of(...message, 0x80, 0x28, 0, 4, 0, 0, 0, 0);
  const view = new DataView(bytes.buffer);
  view.setUint16(2, bytes.length - 20);
  view.setUint32(bytes.length - 4, (crc32(bytes.subarray(0, -8)) ^ 0x5354554e) >>> 0);
  return bytes;
}

describe("addresses of RFC 5769", () => {
  it.each(ANSWERS)("are read and written: $from.address", ({ from, bytes }) => {
    const decoded = decodeStun(bytes);
    expect(decoded).toMatchObject({ class: "success", method: METHODS.binding });
    expect(decoded?.isSignedWith(PASSWORD)).toBe(true);
    const value = decoded?.attributes.get(ATTRIBUTES.xorMappedAddress) ?? new Uint8Array();
    const transactionId = bytes.subarray(8, 20);
    expect(decodeXorAddress(value, transactionId)).toEqual(from);
    expect(encodeXorAddress(from, transactionId)).toEqual(value.slice());
    expect(decodeXorAddress(value.subarray(0, 7), transactionId)).toBeNull();
  });

  it("are in the same place of our own answers", () => {
    for (const { from, bytes } of ANSWERS) {
      const request = bytes.slice(0, 20);
      request.set([0x00, 0x01, 0x00, 0x00]);
      const size = from.address.includes(":") ? 24 : 12;
      const expected = Uint8Array.of(...bytes.subarray(0, 20), ...bytes.subarray(36, 36 + size));
      expected.set([0x00, size], 2);
      expect(answerBinding(request, from)?.toHex()).toBe(expected.toHex());
    }
  });
});

describe("answerBinding()", () => {
  it("names the sender and nothing else, in 32 or 44 bytes", () => {
    for (
      const [address, size] of [["198.51.100.7", 32], [
        "2001:db8::1",
        44,
      ]] as const
    ) {
      const answer = answerBinding(bindingRequest(), { address, port: 1 });
      expect(answer?.length).toBe(size);
      expect([...decodeStun(answer ?? new Uint8Array())?.attributes.keys() ?? []]).toEqual([
        ATTRIBUTES.xorMappedAddress,
      ]);
    }
  });

  it("takes credentials and hints of clients without using them", () => {
    const text = new TextEncoder().encode("anybody");
    const request = bindingRequest([[ATTRIBUTES.username, text], [0x8022, text], [
      0xc057,
      new Uint8Array(4),
    ]]);
    expect(decodeStun(answerBinding(request, FROM) ?? new Uint8Array())?.class).toBe("success");
  });

  it("refuses what it would have to understand and does not, with 420", () => {
    const answer = decodeStun(answerBinding(REQUEST, FROM) ?? new Uint8Array());
    expect(answer).toMatchObject({ class: "error", method: METHODS.binding });
    expect(answer === null ? 0 : errorCodeOf(answer)).toBe(420);
    // PRIORITY, which belongs to checks between two browsers.
    expect(answer?.attributes.get(ATTRIBUTES.unknownAttributes)?.toHex()).toBe("0024");
  });

  it("is silent about every change of a message with a fingerprint", () => {
    const request = withFingerprint(bindingRequest());
    expect(answerBinding(request, FROM)).not.toBeNull();
    for (let index = 0; index < request.length; index++) {
      for (const bit of [1, 0x80]) {
        const changed = request.slice();
        changed[index] = (changed[index] ?? 0) ^ bit;
        const answer = answerBinding(changed, FROM);
        // A changed type makes it an attribute that says nothing.
        const isFingerprint = index < 28 && index >= 20;
        if (!isFingerprint) expect([index, answer]).toEqual([index, null]);
      }
    }
    expect(answerBinding(withFingerprint(withFingerprint(bindingRequest())), FROM)).toBeNull();
  });

  it("is silent about answers, other methods, other protocols and what is too long", () => {
    const answer = answerBinding(bindingRequest(), FROM) ?? new Uint8Array();
    expect(answerBinding(answer, FROM)).toBeNull();
    const refusal = answerBinding(REQUEST, FROM) ?? new Uint8Array();
    expect(answerBinding(refusal, FROM)).toBeNull();
    for (const method of [METHODS.allocate, METHODS.refresh, 0x000, 0xfff]) {
      const transactionId = newTransactionId();
      expect(answerBinding(encodeStun({ method, transactionId, attributes: [], key: null }), FROM))
        .toBeNull();
    }
    const indication = bindingRequest();
    indication[1] = 0x11;
    expect(answerBinding(indication, FROM)).toBeNull();
    // RFC 3489, before there was a cookie.
    const old = bindingRequest();
    old[4] = 0;
    expect(answerBinding(old, FROM)).toBeNull();
    expect(answerBinding(Uint8Array.of(...bindingRequest(), 0), FROM)).toBeNull();
    expect(answerBinding(new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"), FROM)).toBeNull();
    expect(answerBinding(bindingRequest([[0x8022, new Uint8Array(1_400)]]), FROM)).toBeNull();
  });

  it("answers any bytes with at most 44, and only requests", () => {
    const header = fc.constantFrom(
      "000100002112a442",
      "010100002112a442",
      "001100002112a442",
      "000300002112a442",
    );
    fc.assert(
      fc.property(header, fc.uint8Array({ maxLength: 400 }), fc.boolean(), (start, rest, hasSize) => {
        const bytes = Uint8Array.of(...Uint8Array.fromHex(start), ...rest);
        if (hasSize) new DataView(bytes.buffer).setUint16(2, Math.max(0, bytes.length - 20));
        const answer = answerBinding(bytes, FROM);
        if (answer === null) return;
        expect(start).toBe("000100002112a442");
        expect(answer.length).toBeLessThanOrEqual(ANSWER_MAX_BYTES);
        expect(answer.length).toBeLessThanOrEqual(bytes.length + 12);
        const decoded = decodeStun(answer);
        expect(decoded?.transactionId).toEqual(bytes.slice(8, 20));
        expect(answerBinding(answer, FROM)).toBeNull();
      }),
      { numRuns: 1_000 },
    );
  });

  it("answers well-formed requests with any attributes, at most 12 bytes longer by IPv4", () => {
    const attribute = fc.tuple(fc.integer({ min: 0, max: 0xffff }), fc.uint8Array({ maxLength: 40 }));
    fc.assert(fc.property(fc.array(attribute, { maxLength: 20 }), (attributes) => {
      const request = bindingRequest(attributes);
      const answer = answerBinding(request, FROM);
      const mayBeSilent = request.length > 1_280 || attributes.some(([type]) => type === 0x8028);
      if (!mayBeSilent) expect(answer).not.toBeNull();
      expect(answer?.length ?? 0).toBeLessThanOrEqual(Math.min(ANSWER_MAX_BYTES, request.length + 12));
    }));
  });
});
