import { describe, expect, it } from "vitest";
import { foldForSearch } from "../../../client/ui/fold_for_search.ts";

describe("foldForSearch()", () => {
  it("ignores case, accents and compatibility forms", () => {
    for (const [text, folded] of [["JOSÉ", "jose"], ["Ａｎａ", "ana"], ["Jose\u0301", "jose"]] as const) {
      expect(foldForSearch(text)).toBe(folded);
    }
  });

  it("folds a dotted capital I like a plain one", () => {
    expect(foldForSearch("İpek")).toBe(foldForSearch("ipek"));
    expect(foldForSearch("IPEK")).toBe(foldForSearch("ipek"));
  });
});
