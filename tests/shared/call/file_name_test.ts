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
