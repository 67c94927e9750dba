import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isolated, withoutFormatCharacters } from "../../shared/format_characters.ts";

const anyText = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      "a",
      " ",
      "א",
      "ب",
      "👩‍💻",
      "🏴",
      "\u202a",
      "\u202e",
      "\u2066",
      "\u2069",
      "\u200f",
      "\u00ad",
    ),
    fc.constantFrom("\u{e0067}", "\u{e007f}", "\ufeff", "\u200b", "\u200d", "\u0600", "\n"),
    fc.string({ unit: "grapheme", maxLength: 1 }),
  ),
  maxLength: 40,
});

describe("withoutFormatCharacters()", () => {
  it("leaves nothing that changes the order of what follows, and nothing else changes", () => {
    fc.assert(fc.property(anyText, (text) => {
      const clean = withoutFormatCharacters(text);
      expect(clean).not.toMatch(/[\u202a-\u202e\u2060-\u206f\u00ad\ufeff\u200b\ufff9-\ufffb]/);
      expect(withoutFormatCharacters(clean)).toBe(clean);
      const visible = (one: string) => one.replace(/\p{Cf}/gu, "");
      expect(visible(clean)).toBe(visible(text));
    }));
  });

  it("keeps emoji, flags, joiners and single direction marks", () => {
    const wales = "\u{1f3f4}\u{e0067}\u{e0062}\u{e0077}\u{e006c}\u{e0073}\u{e007f}";
    for (const text of ["👩‍💻 ❤️‍🔥", `In ${wales}`, "می‌خواهم", "a\u200fb", "٣\u0600"]) {
      expect(withoutFormatCharacters(text)).toBe(text);
    }
    expect(withoutFormatCharacters("\u{1f3f4}\u{e0067} x\u{e0041}\u{e007f}")).toBe("\u{1f3f4} x");
    expect(withoutFormatCharacters("in\u202evoice\u2066.exe")).toBe("invoice.exe");
  });
});

describe("isolated()", () => {
  it("isolates only what could turn a sentence around", () => {
    expect(isolated("Messages")).toBe("Messages");
    expect(isolated("Grüße 12 👩‍💻")).toBe("Grüße 12 👩‍💻");
    for (const name of ["הודעות", "رسائل", "a\u200f", "𞤀"]) {
      expect(isolated(name)).toBe(`\u2068${name}\u2069`);
    }
  });
});
