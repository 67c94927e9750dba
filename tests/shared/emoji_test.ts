import { describe, expect, it } from "vitest";
import { normalizeEmoji } from "../../shared/emoji.ts";

describe("normalizeEmoji()", () => {
  it.each(["👍", "👍🏽", "❤️", "👨‍👩‍👧", "🇩🇪", "1️⃣", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "🏳️‍🌈"])("takes %s as it is", (emoji) => {
    expect(normalizeEmoji(emoji)).toBe(emoji);
  });

  it.each([["❤", "❤️"], ["☺", "☺️"]])("writes %s with its selector", (text, emoji) => {
    expect(normalizeEmoji(text)).toBe(emoji);
  });

  it.each(["", " ", "a", "1", "👍👍", "👍 ", ":+1:", "<b>", "é", "🇩", "\u200d", "\ufe0f", "👍".repeat(20)])(
    "refuses %j",
    (text) => {
      expect(normalizeEmoji(text)).toBeNull();
    },
  );
});
