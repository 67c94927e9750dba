import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cleanFileName } from "../../../shared/call/file_name.ts";

describe("cleanFileName()", () => {
  it.each([
    ["photo.png", "photo.png"],
    ["Übersicht 2.pdf", "Übersicht 2.pdf"],
    ["../../etc/passwd", ".._.._etc_passwd"],
    ["C:\\boot.ini", "C:_boot.ini"],
    ["invoice\u202Efdp.exe", "invoicefdp.exe"],
    ["a\r\nb\u0000.txt", "ab.txt"],
    ["..", "file"],
    [" \u200b ", "file"],
  ])("%j is %j", (name, clean) => {
    expect(cleanFileName(name)).toBe(clean);
  });

  it("cuts long names in time that grows with their length only", () => {
    // One character that is normalized to three.
    const [short = 0, long = Infinity] = [1_000, 16_000].map((length) => {
      const name = "\uFB2C".repeat(length);
      return Math.min(...[1, 2, 3, 4, 5].map(() => {
        const started = performance.now();
        cleanFileName(name);
        return performance.now() - started;
      }));
    });
    // 16 times as long, not 256 times; a short one takes so little that other programs count.
    expect(long).toBeLessThan(Math.max(short, 5) * 100);
  });

  it("keeps the end of a long name, and never takes more than 255 bytes", () => {
    expect(cleanFileName(`${"x".repeat(900)}.tar.gz`)).toMatch(/^x{248}\.tar\.gz$/);
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 600 }), (name) => {
      const clean = cleanFileName(name);
      expect(new TextEncoder().encode(clean).length).toBeLessThanOrEqual(255);
      expect(clean).not.toMatch(/[/\\\p{Cc}\p{Cf}]|^\.*$/u);
      expect(cleanFileName(clean)).toBe(clean);
    }));
  });
});
