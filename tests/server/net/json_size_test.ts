import { Buffer } from "node:buffer";
import { expect, it } from "vitest";
import { jsonSize } from "../../../server/net/json_size.ts";

const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1.5e-9,
  NaN,
  "",
  "tide",
  'quotes " and \\ and \n\t\r\b\f and \u0001\u001f\u007f',
  "🌊 é 漢",
  "half a pair: \ud83c",
  [],
  {},
  [undefined, 1, [2, null], { a: undefined }],
  { a: undefined, b: 1, 'c"': { d: [true, "x"] }, e: null },
  { page: { items: Array.from({ length: 40 }, (_, offset) => ({ offset, text: "ä\n".repeat(offset) })) } },
];

it("jsonSize() is the size of the JSON text", () => {
  for (const value of VALUES) expect(jsonSize(value)).toBe(Buffer.byteLength(JSON.stringify(value)));
  expect(jsonSize(undefined)).toBe(0);
});
