import { expect, it } from "vitest";
import { formatBytes } from "../../../client/ui/format_bytes.ts";

it("formatBytes() uses the unit that leaves few digits", () => {
  const sizes = [0, 1, 999, 1_000, 999_949, 999_950, 2_340_000, 2_147_483_648, 5e12];
  expect(sizes.map(formatBytes)).toEqual([
    "0 bytes",
    "1 byte",
    "999 bytes",
    "1 kB",
    "999.9 kB",
    "1 MB",
    "2.3 MB",
    "2.1 GB",
    "5,000 GB",
  ]);
});
