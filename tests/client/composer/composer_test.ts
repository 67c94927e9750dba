import { describe, expect, it } from "vitest";
import { MESSAGE_MAX_CODE_POINTS } from "../../../shared/limits.ts";
import { GENERAL, REPLY, setUp } from "./composer_kit.ts";

describe("Composer: keys", () => {
  it("sends on Enter, makes a line on Shift+Enter, and the other way round by setting", () => {
    const { composer, enterSends, type, sent } = setUp();
    type("hello");
    expect(composer.press({ key: "Enter", isShift: true })).toBe(false);
    expect(sent()).toEqual([]);
    expect(composer.press({ key: "Enter" })).toBe(true);
    expect(sent()).toEqual([{ to: GENERAL, text: "hello", replyTo: null }]);
    enterSends.value = false;
    type("again");
    expect(composer.press({ key: "Enter" })).toBe(false);
    expect(sent()).toEqual([]);
    expect(composer.press({ key: "Enter", isShift: true })).toBe(true);
    expect(sent()).toHaveLength(1);
    type("more");
    expect(composer.press({ key: "Enter", isCommand: true })).toBe(true);
    expect(sent()).toHaveLength(1);
  });

  it("sends once however long Enter is held, and makes lines where it does that", () => {
    const { composer, enterSends, type, sent } = setUp();
    type("hello");
    for (const isRepeated of [false, true, true]) {
      expect(composer.press({ key: "Enter", isRepeated })).toBe(true);
      type("hello");
    }
    expect(composer.press({ key: "Enter", isCommand: true, isRepeated: true })).toBe(true);
    expect(composer.press({ key: "Enter", isShift: true, isRepeated: true })).toBe(false);
    enterSends.value = false;
    expect(composer.press({ key: "Enter", isRepeated: true })).toBe(false);
    expect(sent()).toHaveLength(1);
  });

  it("leaves every key of an input method to it", () => {
    const { composer, type } = setUp();
    type("@an");
    for (const key of ["Enter", "ArrowDown", "Tab", "Escape"]) {
      expect(composer.press({ key, isComposing: true })).toBe(false);
    }
    expect(composer.shown.value.completion.list.value?.selected).toBe(0);
  });

  it("makes a line on Enter in an open fence, unless Ctrl is held", () => {
    const { composer, type, sent } = setUp();
    type("```ts\nlet a = 1;");
    expect(composer.press({ key: "Enter" })).toBe(false);
    expect(composer.press({ key: "Enter", isCommand: true })).toBe(true);
    type("```ts\nlet a = 1;\n```");
    expect(composer.press({ key: "Enter" })).toBe(true);
    expect(sent()).toHaveLength(2);
  });

  it("edits the last message on Up in an empty box only", () => {
    const { composer, setLastOwn, text, type } = setUp();
    setLastOwn({ offset: 3, text: "teh" });
    expect(composer.press({ key: "ArrowUp", isShift: true })).toBe(false);
    type("a");
    expect(composer.press({ key: "ArrowUp" })).toBe(false);
    type("");
    expect(composer.press({ key: "ArrowUp" })).toBe(true);
    expect(composer.editing.value).toEqual({ offset: 3, text: "teh" });
    expect(text()).toBe("teh");
    type("");
    expect(composer.press({ key: "ArrowUp" })).toBe(false);
  });

  it("gives the list of names its keys first", () => {
    const { composer, type, text, sent } = setUp();
    type("hi @an");
    expect(composer.press({ key: "ArrowDown" })).toBe(true);
    expect(composer.press({ key: "Enter" })).toBe(true);
    expect(text()).toBe("hi @Anton ");
    expect(sent()).toEqual([]);
    type("hi @Anton @a");
    expect(composer.press({ key: "Escape" })).toBe(true);
    expect(composer.press({ key: "Tab" })).toBe(false);
    expect(composer.press({ key: "Enter" })).toBe(true);
    expect(sent()).toHaveLength(1);
  });

  it("leaves Esc to the room when there is nothing to cancel", () => {
    const { composer } = setUp();
    expect(composer.press({ key: "Escape" })).toBe(false);
    composer.startReply(REPLY);
    expect(composer.press({ key: "Escape" })).toBe(true);
    expect(composer.reply.value).toBeNull();
  });

  it("sets bold and italic", () => {
    const { composer, text } = setUp();
    composer.shown.value.typed({ text: "very", start: 0, end: 4 });
    composer.press({ key: "b", isCommand: true });
    expect(text()).toBe("**very**");
    composer.press({ key: "I", isCommand: true });
    expect(text()).toBe("***very***");
    expect(composer.press({ key: "b" })).toBe(false);
  });
});

describe("Composer: sending", () => {
  it("sends the text once, with what it answers, and empties the box and the draft", () => {
    const { composer, drafts, rows, sent, type, text } = setUp();
    composer.startReply(REPLY);
    type("  yes\n");
    drafts.flush();
    expect(rows.size).toBe(1);
    composer.submit();
    expect(sent()).toEqual([{ to: GENERAL, text: "  yes", replyTo: 7 }]);
    expect(text()).toBe("");
    expect(composer.reply.value).toBeNull();
    expect(rows.size).toBe(0);
    composer.submit();
    expect(sent()).toEqual([]);
  });

  it("says how many characters are left near the limit and refuses more", () => {
    const { composer, sent, type, text } = setUp();
    const model = composer.shown.value;
    type("a".repeat(MESSAGE_MAX_CODE_POINTS - 300));
    expect(model.left.value).toBeNull();
    type("👍".repeat(MESSAGE_MAX_CODE_POINTS - 5));
    expect(model.left.value).toBe(5);
    expect(model.canSend.value).toBe(true);
    type("👍".repeat(MESSAGE_MAX_CODE_POINTS + 12));
    expect(model.problem.value).toBe("12 characters too many");
    type("👍".repeat(MESSAGE_MAX_CODE_POINTS + 1));
    expect(model.problem.value).toBe("1 character too many");
    expect(model.canSend.value).toBe(false);
    composer.submit();
    expect(sent()).toEqual([]);
    expect(text()).not.toBe("");
  });

  it("refuses what shows as nothing", () => {
    const { composer, sent, type } = setUp();
    type("\u200b\u2060");
    composer.submit();
    expect(sent()).toEqual([]);
    expect(composer.shown.value.problem.value).toMatch(/must not be empty/);
    type("\u200b\u2060a");
    expect(composer.shown.value.problem.value).toBeNull();
  });

  it("sends nothing where the user may not write", () => {
    const { composer, permission, sent, type, text } = setUp();
    type("hello");
    permission.value = "archived";
    expect(composer.permission.value).toBe("archived");
    expect(composer.shown.value.canSend.value).toBe(false);
    composer.submit();
    expect(sent()).toEqual([]);
    expect(text()).toBe("hello");
  });

  it("reports typing of new messages, not edits and not restored drafts", () => {
    const { composer, type, typing } = setUp();
    composer.restore("a text", null);
    expect(typing()).toEqual([]);
    type("a");
    type(" ");
    expect(typing()).toEqual([{ typing: true }, { typing: false }]);
    composer.startEdit({ offset: 3, text: "teh" });
    type("the");
    expect(typing()).toEqual([]);
  });

  it("puts back a message that did not go, before what was written since", () => {
    const { composer, type, text, drafts } = setUp();
    type("meanwhile");
    composer.restore("first", REPLY);
    expect(text()).toBe("first\nmeanwhile");
    expect(composer.reply.value).toEqual(REPLY);
    expect(drafts.text(GENERAL)).toBe("first\nmeanwhile");
  });
});

describe("Composer: editing", () => {
  it("edits in place of the draft and gives the draft back", () => {
    const { composer, sent, type, text, drafts } = setUp();
    type("a draft");
    composer.startEdit({ offset: 3, text: "teh" });
    expect(text()).toBe("teh");
    type("the");
    expect(drafts.text(GENERAL)).toBe("a draft");
    composer.submit();
    expect(sent()).toEqual([{ in: GENERAL, offset: 3, text: "the" }]);
    expect(text()).toBe("a draft");
    expect(composer.editing.value).toBeNull();
  });

  it("sends nothing when nothing changed and nothing empty", () => {
    const { composer, sent, type } = setUp();
    composer.startEdit({ offset: 3, text: "same" });
    composer.submit();
    expect(composer.editing.value).toBeNull();
    composer.startEdit({ offset: 3, text: "same" });
    type("");
    composer.submit();
    expect(sent()).toEqual([]);
    expect(composer.editing.value).not.toBeNull();
    expect(composer.shown.value.problem.value).toMatch(/Delete it/);
  });

  it("gives up on Esc, and when the message is deleted", () => {
    const { composer, type, text } = setUp();
    type("a draft");
    composer.startEdit({ offset: 3, text: "old" });
    expect(composer.press({ key: "Escape" })).toBe(true);
    expect(text()).toBe("a draft");
    composer.startEdit({ offset: 3, text: "old" });
    composer.forget(3);
    expect(composer.editing.value).toBeNull();
    expect(text()).toBe("a draft");
  });
});

describe("Composer: emoji and links", () => {
  it("turns a finished shortcode into its emoji, but not in code", async () => {
    const { emoji, type, text } = setUp();
    await emoji.load();
    type("done :tada");
    type("done :tada:");
    expect(text()).toBe("done 🎉");
    type("`:tada");
    type("`:tada:");
    expect(text()).toBe("`:tada:");
    type("pasted :tada: whole");
    expect(text()).toBe("pasted :tada: whole");
  });

  it("puts an emoji of the picker at the caret and asks for the focus", () => {
    const { composer, text } = setUp();
    const wish = composer.focusWish.value;
    composer.shown.value.typed({ text: "a  b", start: 2, end: 2 });
    composer.addEmoji("🎉");
    expect(text()).toBe("a 🎉 b");
    expect(composer.focusWish.value).toBe(wish + 1);
  });

  it("makes a link of a pasted address over a selection", () => {
    const { composer, text } = setUp();
    const model = composer.shown.value;
    model.typed({ text: "the notes", start: 4, end: 9 });
    expect(model.paste("https://a.example")).toBe(true);
    expect(text()).toBe("the [notes](https://a.example)");
    expect(model.paste("plain")).toBe(false);
  });
});
