import { describe, expect, it } from "vitest";
import {
  findChange,
  insertEmoji,
  insertText,
  isInsideFence,
  linkSelection,
  prepareText,
  textAtEnd,
  toggleMark,
} from "../../../client/composer/text_edits.ts";
import type { TextState } from "../../../client/composer/text_edits.ts";
import { findTextProblem } from "../../../shared/message.ts";

/** Reads a state from a text in which `<` and `>` stand for the ends of the selection, `|` for a caret. */
function at(drawn: string): TextState {
  if (drawn.includes("|")) {
    const caret = drawn.indexOf("|");
    return { text: drawn.replace("|", ""), start: caret, end: caret };
  }
  const start = drawn.indexOf("<");
  const end = drawn.indexOf(">") - 1;
  return { text: drawn.replace("<", "").replace(">", ""), start, end };
}

describe("insertText()", () => {
  it("puts text in place of the selection and the caret after it", () => {
    expect(insertText(at("a<bc>d"), "xyz")).toEqual(at("axyz|d"));
  });
});

describe("insertEmoji()", () => {
  it("keeps an emoji apart from a word, but not from a space or a start", () => {
    expect(insertEmoji(at("done|"), "🎉")).toEqual(at("done 🎉|"));
    expect(insertEmoji(at("done |"), "🎉")).toEqual(at("done 🎉|"));
    expect(insertEmoji(at("|"), "🎉")).toEqual(at("🎉|"));
  });
});

describe("toggleMark()", () => {
  it("marks what is selected and keeps it selected", () => {
    expect(toggleMark(at("a <bc> d"), "**")).toEqual(at("a **<bc>** d"));
  });

  it("takes marks away that are there", () => {
    expect(toggleMark(at("a **<bc>** d"), "**")).toEqual(at("a <bc> d"));
    expect(toggleMark(at("*<bc>*"), "*")).toEqual(at("<bc>"));
  });

  it("does not take half of bold for italic", () => {
    expect(toggleMark(at("**<bc>**"), "*")).toEqual(at("***<bc>***"));
    expect(toggleMark(at("***<bc>***"), "*")).toEqual(at("**<bc>**"));
  });

  it("puts the caret between marks where nothing is selected", () => {
    expect(toggleMark(at("|"), "**")).toEqual({ text: "****", start: 2, end: 2 });
  });
});

describe("linkSelection()", () => {
  it("makes a link of the selection", () => {
    expect(linkSelection(at("see <the notes> now"), " https://a.example/x ")).toEqual(
      at("see [the notes](https://a.example/x)| now"),
    );
  });

  it("keeps brackets and parentheses from ending the link", () => {
    expect(linkSelection(at("<a]b>"), "https://a.example/(x)")?.text).toBe(
      "[a\\]b](<https://a.example/(x)>)",
    );
  });

  it("leaves an ordinary paste alone", () => {
    expect(linkSelection(at("see |"), "https://a.example")).toBeNull();
    expect(linkSelection(at("<see>"), "two words")).toBeNull();
    expect(linkSelection(at("<see>"), "javascript:alert(1)")).toBeNull();
    expect(linkSelection(at("<https://old.example>"), "https://a.example")).toBeNull();
    expect(linkSelection(at("<two\nlines>"), "https://a.example")).toBeNull();
  });
});

describe("isInsideFence()", () => {
  const isOpen = (text: string) => isInsideFence(text, text.length);

  it("is true from the opening line to the closing one", () => {
    expect(isOpen("```")).toBe(true);
    expect(isOpen("text\n```ts\nlet a;")).toBe(true);
    expect(isOpen("```ts\nlet a;\n```")).toBe(false);
    expect(isOpen("```\na\n```\n```")).toBe(true);
    expect(isOpen("~~~\na")).toBe(true);
  });

  it("looks at the caret, not at the end", () => {
    expect(isInsideFence("```\ncode\n```", 6)).toBe(true);
  });

  it("is closed only by as many of the same marks and nothing else", () => {
    expect(isOpen("````\n```")).toBe(true);
    expect(isOpen("```\n~~~")).toBe(true);
    expect(isOpen("```\n``` no")).toBe(true);
    expect(isOpen("```a``` inline")).toBe(false);
    expect(isOpen("say ```")).toBe(false);
  });
});

describe("prepareText()", () => {
  it("takes away what the server refuses and blank edges", () => {
    expect(prepareText("\n  \n  a\r\nb\u0000\u001b\u0085 \n\n")).toBe("  a\nb");
    expect(prepareText(" \n\t ")).toBe("");
    expect(findTextProblem(prepareText("x\ud800y\u0007"))).toBeNull();
  });

  it("keeps tabs, indents and emoji", () => {
    expect(prepareText("\tif (a)\n\t\tb 👨‍👩‍👧")).toBe("\tif (a)\n\t\tb 👨‍👩‍👧");
  });
});

describe("findChange()", () => {
  it("finds the smallest stretch that changed", () => {
    expect(findChange("hi @an you", "hi @Ana you")).toEqual({ start: 4, end: 6, insert: "Ana" });
    expect(findChange("aaa", "aa")).toEqual({ start: 2, end: 3, insert: "" });
    expect(findChange("same", "same")).toBeNull();
  });

  it("leads from the old text to the new one", () => {
    for (const [before, after] of [["", "abc"], ["abab", "ababab"], ["xyx", "x"], ["one two", "one, two"]]) {
      const change = findChange(before ?? "", after ?? "");
      const { start = 0, end = 0, insert = "" } = change ?? {};
      expect((before ?? "").slice(0, start) + insert + (before ?? "").slice(end)).toBe(after);
    }
  });
});

describe("textAtEnd()", () => {
  it("sets the caret behind the text", () => {
    expect(textAtEnd("abc")).toEqual(at("abc|"));
  });
});
