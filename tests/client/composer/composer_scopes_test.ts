import { describe, expect, it } from "vitest";
import { textAtEnd } from "../../../client/composer/text_edits.ts";
import type { RoomId } from "../../../shared/ids.ts";
import { keptHeapBytes } from "../../support/kept_heap.ts";
import { DESIGN, GENERAL, REPLY, setUp } from "./composer_kit.ts";

describe("Composer: rooms, threads and tabs", () => {
  it("keeps draft, reply and unfinished edit of each room", () => {
    const { composer, openScope, type, textOf } = setUp();
    type("for all");
    composer.startReply(REPLY);
    const design = openScope(DESIGN);
    composer[Symbol.dispose]();
    expect(textOf(design)).toBe("");
    expect(design.reply.value).toBeNull();
    design.shown.value.typed(textAtEnd("for few"));
    design.startEdit({ offset: 2, text: "half" });
    design.shown.value.typed(textAtEnd("half done"));
    design[Symbol.dispose]();
    const general = openScope(GENERAL);
    expect(textOf(general)).toBe("for all");
    expect(general.reply.value).toEqual(REPLY);
    const again = openScope(DESIGN);
    expect(textOf(again)).toBe("half done");
    again.cancel();
    expect(textOf(again)).toBe("for few");
  });

  it("writes into a thread beside its room, each with a draft, a reply and an edit of its own", () => {
    const { composer, drafts, openScope, rows, sent, type, text, textOf } = setUp();
    const thread = openScope(`${GENERAL}/7`);
    type("to the room");
    thread.shown.value.typed(textAtEnd("to the thread"));
    thread.startReply(REPLY);
    expect(composer.reply.value).toBeNull();
    drafts.flush();
    expect(rows.get("parley.draft.me.general/7")).toBe("to the thread");
    composer.startEdit({ offset: 3, text: "teh" });
    expect(textOf(thread)).toBe("to the thread");
    thread.submit();
    expect(sent()).toEqual([{ to: "general/7", text: "to the thread", replyTo: 7 }]);
    thread.startEdit({ offset: 8, text: "so" });
    thread.shown.value.typed(textAtEnd("so!"));
    thread.submit();
    expect(sent()).toEqual([{ in: "general/7", offset: 8, text: "so!" }]);
    expect(text()).toBe("teh");
  });

  it("marks a room by its own draft, not by that of a thread in it", () => {
    const { drafts, openScope } = setUp();
    openScope(`${GENERAL}/7`).shown.value.typed(textAtEnd("to the thread"));
    drafts.flush();
    expect(drafts.hasDraft(GENERAL)).toBe(false);
    expect(drafts.hasDraft(`${GENERAL}/7`)).toBe(true);
  });

  it("keeps nothing of rooms that were only looked at", async () => {
    const { openScope } = setUp();
    const look = (count: number) => {
      for (let i = 0; i < count; i++) openScope(crypto.randomUUID() as RoomId)[Symbol.dispose]();
    };
    look(200);
    const count = 5_000;
    expect(await keptHeapBytes(() => look(count)) / count).toBeLessThan(60);
  });

  it("takes a draft of another tab unless the box has the focus or an edit is under way", () => {
    const { composer, drafts, text } = setUp();
    drafts.receive("parley.draft.me.general", "from the laptop");
    expect(text()).toBe("from the laptop");
    composer.setFocused(true);
    drafts.receive("parley.draft.me.general", "too late");
    expect(text()).toBe("from the laptop");
    composer.setFocused(false);
    composer.startEdit({ offset: 3, text: "old" });
    drafts.receive("parley.draft.me.general", "again");
    expect(text()).toBe("old");
    composer.cancel();
    expect(text()).toBe("again");
  });

  it("does not go back to a draft of another tab that was sent in the meantime", () => {
    const { composer, drafts, openScope, textOf } = setUp();
    drafts.receive("parley.draft.me.general", "from the laptop");
    composer.submit();
    composer[Symbol.dispose]();
    expect(textOf(openScope(GENERAL))).toBe("");
  });

  it("holds the draft that is shown under the focus, and lets it go with the focus", () => {
    const { composer, drafts, openScope, text, textOf } = setUp();
    composer.setFocused(true);
    composer.startEdit({ offset: 3, text: "old" });
    composer.cancel();
    drafts.receive("parley.draft.me.general", "too late");
    expect(text()).toBe("");
    const design = openScope(DESIGN);
    composer[Symbol.dispose]();
    design.setFocused(true);
    drafts.receive("parley.draft.me.design", "x");
    expect(textOf(design)).toBe("");
    drafts.receive("parley.draft.me.general", "y");
    expect(textOf(openScope(GENERAL))).toBe("y");
  });
});
