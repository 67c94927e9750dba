import { Buffer } from "node:buffer";
import { describe, expect, it } from "vitest";
import { RawClient, rawFrame } from "../../support/raw_client.ts";
import { testApp } from "../../support/test_app.ts";
import { waitFor } from "../../support/wait.ts";

const REQUEST = JSON.stringify({ id: 1, method: "query", params: { path: "auth.me" } });

function closeFrame(code: number): Buffer {
  const payload = Buffer.alloc(2);
  payload.writeUInt16BE(code);
  return rawFrame(payload, { opcode: 8 });
}

/** What is sent, and the expected close code; 0 if the connection stays open (RFC 6455 §5, §7.4). */
const CASES: Record<string, [readonly Uint8Array[], number]> = {
  "a right frame": [[rawFrame(REQUEST)], 0],
  "a frame in two fragments": [[
    rawFrame(REQUEST.slice(0, 5), { fin: false }),
    rawFrame(REQUEST.slice(5), { opcode: 0 }),
  ], 0],
  "a ping between fragments": [[
    rawFrame(REQUEST.slice(0, 5), { fin: false }),
    rawFrame("hi", { opcode: 9 }),
    rawFrame(REQUEST.slice(5), { opcode: 0 }),
  ], 0],
  "an unmasked frame": [[rawFrame(REQUEST, { isMasked: false })], 1002],
  "RSV1": [[rawFrame(REQUEST, { rsv: 4 })], 1002],
  "RSV2 and RSV3": [[rawFrame(REQUEST, { rsv: 3 })], 1002],
  "opcode 3": [[rawFrame("x", { opcode: 3 })], 1002],
  "opcode 11": [[rawFrame("x", { opcode: 11 })], 1002],
  "a ping of 126 bytes": [[rawFrame("x".repeat(126), { opcode: 9 })], 1002],
  "a ping in fragments": [[rawFrame("x", { opcode: 9, fin: false })], 1002],
  "a continuation of nothing": [[rawFrame("x", { opcode: 0 })], 1002],
  "a message inside a message": [[rawFrame("a", { fin: false }), rawFrame("b")], 1002],
  "text that is not UTF-8": [[rawFrame(Uint8Array.of(0xff, 0xfe))], 1007],
  "a surrogate in UTF-8": [[rawFrame(Uint8Array.of(0xed, 0xa0, 0x80))], 1007],
  "a character split over fragments, broken": [[
    rawFrame(Uint8Array.of(0xe2, 0x82), { fin: false }),
    rawFrame(Uint8Array.of(0x28), { opcode: 0 }),
  ], 1007],
  "a close of 1 byte": [[rawFrame("x", { opcode: 8 })], 1002],
  "close 0": [[closeFrame(0)], 1002],
  "close 999": [[closeFrame(999)], 1002],
  "close 1004": [[closeFrame(1004)], 1002],
  "close 1005": [[closeFrame(1005)], 1002],
  "close 1006": [[closeFrame(1006)], 1002],
  "close 1016": [[closeFrame(1016)], 1002],
  "close 2999": [[closeFrame(2999)], 1002],
  "close 5000": [[closeFrame(5000)], 1002],
  "close 1000": [[closeFrame(1000)], 1000],
  "a length of 2^62": [[rawFrame("x", { length: 1n << 62n })], 1009],
  "64 KiB and one byte": [[rawFrame("x".repeat(65_537))], 1009],
  "64 KiB": [[rawFrame(JSON.stringify("x".repeat(65_534)))], 0],
  "65 fragments": [[
    rawFrame("[", { fin: false }),
    ...Array.from({ length: 65 }, () => rawFrame(" ", { opcode: 0, fin: false })),
  ], 1008],
  "fragments that add up to too much": [[
    rawFrame("x".repeat(40_000), { fin: false }),
    rawFrame("x".repeat(40_000), { opcode: 0 }),
  ], 1009],
};

describe("raw frames", () => {
  for (const [name, [frames, closeCode]] of Object.entries(CASES)) {
    it(`T32 get the close code of the protocol, or none: ${name}, ${closeCode}`, async () => {
      await using app = await testApp();
      await using client = await RawClient.dial(app.port, app.owner.device.address);
      await client.upgrade({ Origin: app.url, Cookie: app.owner.device.cookie ?? "" });
      for (const frame of frames) client.write(frame);
      if (closeCode === 0) {
        client.write(rawFrame("still here", { opcode: 9 }));
        await waitFor(() =>
          client.frames().some(({ opcode, payload }) => opcode === 10 && payload.toString() === "still here")
        );
        expect(client.closeCode).toBe(0);
      } else {
        await waitFor(() => client.closeCode || client.isClosed);
        expect(client.closeCode).toBe(closeCode);
        await client.closed();
      }
      // The next request is served, and nothing was logged as our error.
      expect(await app.owner.api.auth.me.query()).toMatchObject({ name: "Ana" });
      expect(app.logs.filter((line) => line.includes(" error "))).toEqual([]);
    });
  }

  it("T34 answers invalid requests with an error and stays open", async () => {
    await using app = await testApp();
    await using client = await RawClient.dial(app.port, app.owner.device.address);
    await client.upgrade({ Origin: app.url, Cookie: app.owner.device.cookie ?? "" });
    const odd = [
      "",
      "{",
      "null",
      "[]",
      "[[]]",
      "3",
      '"x"',
      '{"id":null}',
      '{"id":1}',
      '{"id":1,"method":"query"}',
      '{"id":1,"method":"query","params":null}',
      '{"id":{},"method":"query","params":{"path":"auth.me"}}',
      '{"id":1,"method":"query","params":{"path":"__proto__"}}',
      '{"id":2,"method":"query","params":{"path":"constructor.name"}}',
      '{"id":3,"method":"mutation","params":{"path":"auth.me"}}',
      '{"id":4,"method":"subscription","params":{"path":"auth.me"}}',
      `{"id":5,"method":"query","params":{"path":"auth.me","input":${"[".repeat(20_000)}${
        "]".repeat(20_000)
      }}}`,
      '{"__proto__":{"polluted":1},"id":6,"method":"query","params":{"path":"auth.me"}}',
    ];
    for (const text of odd) client.write(rawFrame(text));
    client.write(rawFrame(Uint8Array.of(1, 2, 3), { opcode: 2 }));
    client.write(rawFrame(JSON.stringify({ id: 99, method: "query", params: { path: "auth.me" } })));
    await waitFor(() => client.frames().some(({ payload }) => payload.includes('"id":99,"result"')));
    const bodies = client.frames().map(({ payload }) => payload.toString()).join("\n");
    expect(bodies).not.toMatch(/stack|\.ts:|node_modules|"internal"/);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
    expect(app.logs.filter((line) => line.includes(" error "))).toEqual([]);
  });
});
