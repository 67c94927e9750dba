import { describe, expect, it } from "vitest";
import type { UserId } from "../../shared/ids.ts";
import { MENTION_CANDIDATES_COUNT } from "../../shared/limits.ts";
import { findMentions, listMentionCandidates, mentionedIds } from "../../shared/mentions.ts";
import { foldName } from "../../shared/names.ts";

const PEOPLE = new Map(
  ["Ana", "Ana Maria", "Ben", "Cléo", "bot.x", "李雷", "Zoë-Lou", "a_b"].map((
    name,
  ) => [foldName(name), name as UserId]),
);

function mentionsIn(text: string): string[] {
  return findMentions(text, PEOPLE, foldName).map(({ start, end, userId }) =>
    `${text.slice(start, end)}=${userId}`
  );
}

describe("findMentions()", () => {
  it.each([
    ["@Ana", ["@Ana=Ana"]],
    ["hi @ana, are you there", ["@ana=Ana"]],
    ["@ana's turn", ["@ana=Ana"]],
    ["(@Ben)", ["@Ben=Ben"]],
    ["@Ana Maria and @Ana Mario", ["@Ana Maria=Ana Maria", "@Ana=Ana"]],
    ["@ana  maria", ["@ana  maria=Ana Maria"]],
    ["@cleo @CLÉO", ["@cleo=Cléo", "@CLÉO=Cléo"]],
    ["@bot.x.", ["@bot.x=bot.x"]],
    ["@Zoe-Lou!", ["@Zoe-Lou=Zoë-Lou"]],
    ["@李雷 你好", ["@李雷=李雷"]],
    ["@Аnа in Cyrillic", ["@Аnа=Ana"]],
    ["@@Ben", ["@Ben=Ben"]],
    ["@Ben@Ana", ["@Ben=Ben"]],
    ["first\n@Ben\nlast", ["@Ben=Ben"]],
  ])("finds the mentions of %j", (text, expected) => {
    expect(mentionsIn(text)).toEqual(expected);
  });

  it.each([
    "ana@Ben.org",
    "x@Ana",
    "_@Ana",
    "@Anabel",
    "@Ben2",
    "@ Ana",
    "@\nAna",
    "@a_bc",
    "@",
    "no one",
    "@Ana\u0301\u0302bel",
  ])("finds nobody in %j", (text) => {
    expect(mentionsIn(text)).toEqual([]);
  });

  it("does not cross a line break", () => {
    expect(mentionsIn("@Ana\nMaria")).toEqual(["@Ana=Ana"]);
  });

  it("finds at most 20 people, each as often as they are mentioned", () => {
    const names = Array.from({ length: 25 }, (_, index) => `user${index}`);
    const people = new Map(names.map((name) => [foldName(name), name as UserId]));
    const spans = findMentions([...names, "user3"].map((name) => `@${name}`).join(" "), people, foldName);
    expect(mentionedIds(spans)).toEqual(names.slice(0, 20));
    expect(spans.filter((span) => span.userId === "user3")).toHaveLength(2);
  });
});

describe("listMentionCandidates()", () => {
  it("includes the folded name of everybody whom findMentions() finds", () => {
    expect(listMentionCandidates("hello @Ana Maria, @Ben", foldName)).toEqual(
      expect.arrayContaining([foldName("Ana Maria"), foldName("Ana"), foldName("Ben")]),
    );
  });

  it("is empty without an @ and bounded with thousands", () => {
    expect(listMentionCandidates("nothing here", foldName)).toEqual([]);
    expect(listMentionCandidates("@ab ".repeat(1_000), foldName).length).toBeLessThanOrEqual(
      MENTION_CANDIDATES_COUNT,
    );
    const distinct = Array.from({ length: 1_000 }, (_, index) => `@${index}`).join(" ");
    expect(listMentionCandidates(distinct, foldName)).toHaveLength(MENTION_CANDIDATES_COUNT);
  });
});
