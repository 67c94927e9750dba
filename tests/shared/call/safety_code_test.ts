import { createHash, pbkdf2Sync, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { findFingerprint } from "../../../shared/call/fingerprint.ts";
import { safetyCode } from "../../../shared/call/safety_code.ts";

function fingerprint(text: string): string {
  return createHash("sha256").update(text).digest("hex").toUpperCase().replace(/..(?=.)/g, "$&:");
}

const [ana, bo] = [fingerprint("ana"), fingerprint("bo")];

describe("safetyCode()", () => {
  it("is the same on both sides, in six groups of five digits", async () => {
    const code = await safetyCode(ana, bo);
    expect(code).toMatch(/^\d{5}( \d{5}){5}$/);
    expect(await safetyCode(bo.toLowerCase(), ana)).toBe(code);
  });

  it("is what PBKDF2 makes of the sorted fingerprints", async () => {
    const bytes = pbkdf2Sync([ana, bo].toSorted().join("\n"), "Parley safety code 1", 20_000, 30, "sha256");
    const groups = [0, 5, 10, 15, 20, 25].map((at) => bytes.readUIntBE(at, 5) % 100_000);
    expect(await safetyCode(ana, bo)).toBe(groups.map((group) => String(group).padStart(5, "0")).join(" "));
  });

  it("is another one as soon as a server puts its own certificate between them", async () => {
    const codes = new Set<string>();
    for (let round = 0; round < 20; round += 1) {
      const middle = fingerprint(randomBytes(8).toString("hex"));
      codes.add(await safetyCode(ana, middle)).add(await safetyCode(middle, bo));
    }
    expect(codes.size).toBe(40);
  });
});

describe("findFingerprint()", () => {
  const line = (digits: string, algorithm = "sha-256") => `a=fingerprint:${algorithm} ${digits}\r\n`;

  it("finds the one that all parts of a description share", () => {
    expect(findFingerprint(`v=0\r\n${line(ana)}m=audio\r\n${line(ana.toLowerCase())}`)).toBe(ana);
  });

  it("finds none where there are two, none, a weaker digest, or one of another length", () => {
    const descriptions = ["v=0\r\n", line(ana) + line(bo), line(ana, "sha-1"), line(ana) + line(ana, "md5")];
    for (const sdp of [...descriptions, line(ana.slice(3))]) expect(findFingerprint(sdp)).toBeNull();
  });
});
