import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countSeenCharacters, findNameProblem, foldName, isReservedName } from "../../shared/names.ts";
import { normalizeName } from "../../shared/fold_name.ts";

function problemOf(name: string): string | null {
  return findNameProblem(normalizeName(name));
}

describe("foldName()", () => {
  it("folds lookalike characters", () => {
    const groups = [
      ["Ana", "ana", "ANA", "Áná", "Аnа", "ａｎａ", " ana ", "𝐀𝐧𝐚", "αnα"],
      ["Alice", "AIice", "Al1ce", "a|ice", "ALICE", "Аliсе"],
      ["Bob", "B0b", "Βοb", "bоb"],
      ["Mark", "rnark", "Мarк"],
      ["Søren", "Soren", "SØREN"],
      ["Straße", "Strasse", "STRASSE"],
      ["José Núñez", "jose nunez", "José  Núñez"],
      ["O’Neil", "O'Neil"],
    ];
    for (const [first = "", ...others] of groups) {
      for (const other of others) expect(foldName(other), other).toBe(foldName(first));
    }
  });

  it("keeps other characters apart", () => {
    const names = [
      "Ana",
      "Anna",
      "Ben",
      "Bea",
      "Jon",
      "Jan",
      "राम",
      "रमा",
      "小林",
      "小森",
      "علي",
      "عمر",
      "user 2",
      "user 3",
    ];
    expect(new Set(names.map(foldName)).size).toBe(names.length);
  });

  it("is idempotent and independent of the normal form", () => {
    fc.assert(fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), (text) => {
      const folded = foldName(text);
      expect(foldName(folded)).toBe(folded);
      expect(foldName(text.normalize("NFD"))).toBe(foldName(text.normalize("NFC")));
    }));
  });

  it("ignores invisible characters", () => {
    expect(foldName("o\u0385")).toBe("o");
    expect(foldName("a\u200bn\u00ada\ufeff")).toBe("ana");
  });
});

describe("findNameProblem()", () => {
  it("accepts names from around the world", () => {
    const names = [
      "A",
      "Ana María",
      "Jean-Luc",
      "O'Neil",
      "小林",
      "علی‌رضا",
      "राम कुमार",
      "க்ஷ",
      "Nguyễn Văn A",
      "Zoë ❤️",
      "👨‍👩‍👧 Smith",
      "R2-D2",
      "x".repeat(40),
      "é".repeat(40),
    ];
    for (const name of names) expect(problemOf(name), name).toBeNull();
  });

  it("requires 1 to 40 visible characters", () => {
    expect(problemOf("")).toBe("Name must not be empty");
    expect(problemOf(" \u00a0\u3000\t ")).toBe("Name must not be empty");
    expect(problemOf("x".repeat(41))).toBe("Name must be at most 40 characters, got 41");
    expect(problemOf("ﷺ".repeat(3))).toContain("at most 40 characters");
  });

  it("refuses invisible and text direction characters", () => {
    const names = [
      "a\u200bb",
      "\u202eanA",
      "a\u2066b",
      "a\u0000b",
      "a\ufffdb",
      "a\nb",
      "a\u2028b",
      "a\u00adb",
      "\u3164",
      "\u2800a",
      "a\u115f",
      "a\ue000",
      "a\ud800",
      "\u{e0041}a",
      "a\u034fb",
      "Ana\u200d",
      "a\u200cb",
      "a\ufe0f",
    ];
    for (const name of names) expect(problemOf(name), JSON.stringify(name)).toContain("invisible");
  });

  it("refuses stacked marks and names without a letter", () => {
    expect(problemOf(`a${"\u0316".repeat(5)}`)).toContain("combining marks");
    expect(problemOf(`a${"\u0316".repeat(4)}`)).toBeNull();
    for (const name of ["🎉", "...", "—", "❤️"]) expect(problemOf(name)).toContain("letter or digit");
  });

  it("is fast for a megabyte", () => {
    const start = performance.now();
    expect(findNameProblem("a\u0301\u200d".repeat(350_000))).toContain("at most 40");
    expect(performance.now() - start).toBeLessThan(500);
  });
});

describe("isReservedName()", () => {
  it("recognizes roles, the product and words for many people in any spelling", () => {
    for (
      const name of [
        "admin",
        "ADMIN",
        "Аdmin",
        "a d m i n",
        "_Admin_",
        "adm1n",
        "0wner",
        "Parley",
        "System",
        "here",
        "@room",
        "everyone",
      ]
    ) {
      expect(isReservedName(name), name).toBe(true);
    }
    for (const name of ["Adam", "Ann Min", "Ownerson", "Heren", "Guest", "Member"]) {
      expect(isReservedName(name), name).toBe(false);
    }
  });
});

describe("countSeenCharacters()", () => {
  it("counts visible characters", () => {
    expect(countSeenCharacters("e\u0301👨‍👩‍👧🇩🇪x")).toBe(4);
  });
});
