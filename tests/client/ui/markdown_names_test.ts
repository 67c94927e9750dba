import { describe, expect, it } from "vitest";
import { indexNames, splitNames } from "../../../client/ui/markdown/names.ts";
import type { NamedTarget } from "../../../client/ui/markdown/names.ts";

const NAMES: NamedTarget[] = [
  { sigil: "@", id: "u1", name: "Ana" },
  { sigil: "@", id: "u2", name: "Ana Maria" },
  { sigil: "#", id: "r1", name: "General" },
  { sigil: "#", id: "r2", name: "General talk" },
];

function split(text: string): string[] {
  return splitNames(text, indexNames(NAMES)).map(({ text, target }) =>
    target ? `<${target.id} ${text}>` : text
  );
}

describe("splitNames()", () => {
  it("finds people and rooms, the longest name that fits", () => {
    expect(split("hi @Ana, see #general talk!")).toEqual([
      "hi ",
      "<u1 @Ana>",
      ", see ",
      "<r2 #general talk>",
      "!",
    ]);
    expect(split("@ana maria")).toEqual(["<u2 @ana maria>"]);
    expect(split("#General")).toEqual(["<r1 #General>"]);
  });

  it("finds people whose names are written in letters that look alike, once it knows those", async () => {
    expect(split("hi @Ana and @\u0410n\u0430").length).toBeGreaterThan(1);
    await expect.poll(() => split("hi @Ana and @\u0410n\u0430")).toEqual([
      "hi ",
      "<u1 @Ana>",
      " and ",
      "<u1 @\u0410n\u0430>",
    ]);
  });

  it("finds none inside words and addresses", () => {
    for (const text of ["me@Ana", "@Anabel", "x#General", "#Generally", "/#General", "Ana General"]) {
      expect(split(text), text).toEqual([text]);
    }
  });

  it("keeps every character", () => {
    const text = "@Ana@Ana #General#General @nobody #nowhere ##General";
    expect(splitNames(text, indexNames(NAMES)).map((part) => part.text).join("")).toBe(text);
  });

  it("needs no names", () => {
    expect(splitNames("@Ana", indexNames([]))).toEqual([{ text: "@Ana", target: null }]);
    expect(splitNames("", indexNames(NAMES))).toEqual([]);
  });
});
