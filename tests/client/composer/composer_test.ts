import { afterEach, describe, expect, it } from "vitest";
import { signal } from "@preact/signals";
import { ComposerModel } from "../../../client/composer/composer_model.ts";
import type { CompletionPerson } from "../../../client/composer/completion_model.ts";
import { DraftsModel } from "../../../client/composer/drafts_model.ts";
import { textAtEnd } from "../../../client/composer/text_edits.ts";
import { EmojiCatalog } from "../../../client/ui/emoji/emoji.ts";
import type { RoomId, UserId } from "../../../shared/ids.ts";
import { MESSAGE_MAX_CODE_POINTS } from "../../../shared/limits.ts";
import { keptHeapBytes } from "../../support/kept_heap.ts";

const GENERAL = "general" as RoomId;
const DESIGN = "design" as RoomId;
const PEOPLE: CompletionPerson[] = [{ id: "ana" as UserId, name: "Ana" }, {
  id: "an" as UserId,
  name: "Anton",
}];
const TADA = { emoji: "🎉", names: ["tada"], tags: [], description: "party popper", category: "Activities" };

const open: ComposerModel[] = [];
afterEach(() => {
  for (const model of open.splice(0)) model[Symbol.dispose]();
});

function setUp() {
  const rows = new Map<string, string>();
  const storage = {
    length: 0,
    key: () => null,
    getItem: (key: string) => rows.get(key) ?? null,
    setItem: (key: string, value: string) => void rows.set(key, value),
    removeItem: (key: string) => void rows.delete(key),
  };
  const drafts = new DraftsModel({ userId: "me" as UserId, storage, schedule: () => () => {} });
  const enterSends = signal(true);
  const model = new ComposerModel({
    drafts,
    enterSends,
    people: (roomId) => roomId === GENERAL ? PEOPLE : [],
    rooms: () => [],
    emoji: new EmojiCatalog({ load: () => Promise.resolve([TADA]) }),
  });
  model.open(GENERAL);
  open.push(model);
  const type = (text: string) => model.typed(textAtEnd(text));
  return { drafts, enterSends, model, rows, type, text: () => model.state.value.text };
}

const REPLY = { offset: 7, authorName: "Bo", text: "Lunch?" };

describe("ComposerModel: keys", () => {
  it("sends on Enter, makes a line on Shift+Enter, and the other way round by setting", () => {
    const { model, enterSends, type } = setUp();
    type("hello");
    expect(model.press({ key: "Enter" })).toBe("send");
    expect(model.press({ key: "Enter", isShift: true })).toBe("ignored");
    enterSends.value = false;
    expect(model.press({ key: "Enter" })).toBe("ignored");
    expect(model.press({ key: "Enter", isShift: true })).toBe("send");
    expect(model.press({ key: "Enter", isCommand: true })).toBe("send");
  });

  it("leaves every key of an input method to it", () => {
    const { model, type } = setUp();
    type("@an");
    for (const key of ["Enter", "ArrowDown", "Tab", "Escape"]) {
      expect(model.press({ key, isComposing: true })).toBe("ignored");
    }
    expect(model.completion.list.value?.selected).toBe(0);
  });

  it("makes a line on Enter in an open fence, unless Ctrl is held", () => {
    const { model, type } = setUp();
    type("```ts\nlet a = 1;");
    expect(model.press({ key: "Enter" })).toBe("ignored");
    expect(model.press({ key: "Enter", isCommand: true })).toBe("send");
    type("```ts\nlet a = 1;\n```");
    expect(model.press({ key: "Enter" })).toBe("send");
  });

  it("edits the last message on Up in an empty box only", () => {
    const { model, type } = setUp();
    expect(model.press({ key: "ArrowUp" })).toBe("edit_last");
    expect(model.press({ key: "ArrowUp", isShift: true })).toBe("ignored");
    type("a");
    expect(model.press({ key: "ArrowUp" })).toBe("ignored");
  });

  it("gives the list of names its keys first", () => {
    const { model, type, text } = setUp();
    type("hi @an");
    expect(model.press({ key: "ArrowDown" })).toBe("handled");
    expect(model.press({ key: "Enter" })).toBe("handled");
    expect(text()).toBe("hi @Anton ");
    expect(model.press({ key: "Enter" })).toBe("send");
    type("hi @Anton @a");
    expect(model.press({ key: "Escape" })).toBe("handled");
    expect(model.press({ key: "Tab" })).toBe("ignored");
  });

  it("leaves Esc to the room when there is nothing to give up", () => {
    const { model } = setUp();
    expect(model.press({ key: "Escape" })).toBe("ignored");
    model.startReply(REPLY);
    expect(model.press({ key: "Escape" })).toBe("handled");
    expect(model.reply.value).toBeNull();
  });

  it("sets bold and italic", () => {
    const { model, text } = setUp();
    model.typed({ text: "very", start: 0, end: 4 });
    model.press({ key: "b", isCommand: true });
    expect(text()).toBe("**very**");
    model.press({ key: "I", isCommand: true });
    expect(text()).toBe("***very***");
    expect(model.press({ key: "b" })).toBe("ignored");
  });
});

describe("ComposerModel: sending", () => {
  it("gives the text once, with what it answers, and empties the box and the draft", () => {
    const { model, drafts, rows, type, text } = setUp();
    model.startReply(REPLY);
    type("  yes\n");
    drafts.flush();
    expect(rows.size).toBe(1);
    expect(model.take()).toEqual({ kind: "send", text: "  yes", replyTo: 7 });
    expect(text()).toBe("");
    expect(model.reply.value).toBeNull();
    expect(rows.size).toBe(0);
    expect(model.take()).toBeNull();
  });

  it("says how many characters are left near the limit and refuses more", () => {
    const { model, type, text } = setUp();
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
    expect(model.take()).toBeNull();
    expect(text()).not.toBe("");
  });

  it("refuses what shows as nothing", () => {
    const { model, type } = setUp();
    type("\u200b\u2060");
    expect(model.take()).toBeNull();
    expect(model.problem.value).toMatch(/must not be empty/);
    type("\u200b\u2060a");
    expect(model.problem.value).toBeNull();
  });

  it("puts back a message that did not go, before what was written since", () => {
    const { model, type, text, drafts } = setUp();
    type("meanwhile");
    model.restore("first", REPLY);
    expect(text()).toBe("first\nmeanwhile");
    expect(model.reply.value).toEqual(REPLY);
    expect(drafts.text(GENERAL)).toBe("first\nmeanwhile");
  });
});

describe("ComposerModel: editing", () => {
  it("edits in place of the draft and gives the draft back", () => {
    const { model, type, text, drafts } = setUp();
    type("a draft");
    model.startEdit({ offset: 3, text: "teh" });
    expect(text()).toBe("teh");
    type("the");
    expect(drafts.text(GENERAL)).toBe("a draft");
    expect(model.take()).toEqual({ kind: "edit", offset: 3, text: "the" });
    expect(text()).toBe("a draft");
    expect(model.editing.value).toBeNull();
  });

  it("sends nothing when nothing changed and nothing empty", () => {
    const { model, type } = setUp();
    model.startEdit({ offset: 3, text: "same" });
    expect(model.take()).toBeNull();
    expect(model.editing.value).toBeNull();
    model.startEdit({ offset: 3, text: "same" });
    type("");
    expect(model.take()).toBeNull();
    expect(model.editing.value).not.toBeNull();
    expect(model.problem.value).toMatch(/Delete it/);
  });

  it("gives up on Esc, and when the message is deleted", () => {
    const { model, type, text } = setUp();
    type("a draft");
    model.startEdit({ offset: 3, text: "old" });
    expect(model.press({ key: "Escape" })).toBe("handled");
    expect(text()).toBe("a draft");
    model.startEdit({ offset: 3, text: "old" });
    model.forget(3);
    expect(model.editing.value).toBeNull();
    expect(text()).toBe("a draft");
  });
});

describe("ComposerModel: rooms and tabs", () => {
  it("keeps draft, reply and unfinished edit of each room", () => {
    const { model, type, text } = setUp();
    type("for all");
    model.startReply(REPLY);
    model.open(DESIGN);
    expect(text()).toBe("");
    expect(model.reply.value).toBeNull();
    type("for few");
    model.startEdit({ offset: 2, text: "half" });
    type("half done");
    model.open(GENERAL);
    expect(text()).toBe("for all");
    expect(model.reply.value).toEqual(REPLY);
    model.open(DESIGN);
    expect(text()).toBe("half done");
    model.cancel();
    expect(text()).toBe("for few");
  });

  it("keeps nothing of rooms that were only looked at", async () => {
    const { model } = setUp();
    const look = (count: number) => {
      for (let i = 0; i < count; i++) model.open(crypto.randomUUID() as RoomId);
    };
    look(200);
    const count = 5_000;
    expect(await keptHeapBytes(() => look(count)) / count).toBeLessThan(60);
  });

  it("takes a draft of another tab unless the box has the focus or an edit is under way", () => {
    const { model, drafts, text } = setUp();
    drafts.receive("parley.draft.me.general", "from the laptop");
    expect(text()).toBe("from the laptop");
    model.setFocused(true);
    drafts.receive("parley.draft.me.general", "too late");
    expect(text()).toBe("from the laptop");
    model.setFocused(false);
    model.startEdit({ offset: 3, text: "old" });
    drafts.receive("parley.draft.me.general", "again");
    expect(text()).toBe("old");
    model.cancel();
    expect(text()).toBe("again");
  });

  it("holds the new room when the room changes under the focus", () => {
    const { model, drafts, text } = setUp();
    model.setFocused(true);
    model.open(DESIGN);
    drafts.receive("parley.draft.me.design", "x");
    expect(text()).toBe("");
    drafts.receive("parley.draft.me.general", "y");
    model.open(GENERAL);
    expect(text()).toBe("y");
  });
});

describe("ComposerModel: emoji and links", () => {
  it("turns a finished shortcode into its emoji, but not in code", async () => {
    const { model, type, text } = setUp();
    await model.emoji.load();
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
    const { model, text } = setUp();
    const wish = model.focusWish.value;
    model.typed({ text: "a  b", start: 2, end: 2 });
    model.addEmoji("🎉");
    expect(text()).toBe("a 🎉 b");
    expect(model.focusWish.value).toBe(wish + 1);
  });

  it("makes a link of a pasted address over a selection", () => {
    const { model, text } = setUp();
    model.typed({ text: "the notes", start: 4, end: 9 });
    expect(model.paste("https://a.example")).toBe(true);
    expect(text()).toBe("the [notes](https://a.example)");
    expect(model.paste("plain")).toBe(false);
  });
});
