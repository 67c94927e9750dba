import { describe, expect, it } from "vitest";
import type { PageStorage } from "../../../client/app/page_storage.ts";
import { DraftsModel } from "../../../client/composer/drafts_model.ts";
import type { RoomId, UserId } from "../../../shared/ids.ts";
import { DRAFT_DEBOUNCE_MS } from "../../../shared/limits.ts";

const ANA = "ana" as UserId;
const BO = "bo" as UserId;
const GENERAL = "general" as RoomId;
const DESIGN = "design" as RoomId;
const KEY = "parley.draft.ana.general";

class MapStorage implements PageStorage {
  readonly rows = new Map<string, string>();
  writeCount = 0;
  get length(): number {
    return this.rows.size;
  }
  key(index: number): string | null {
    return [...this.rows.keys()][index] ?? null;
  }
  getItem(key: string): string | null {
    return this.rows.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.writeCount++;
    this.rows.set(key, value);
  }
  removeItem(key: string): void {
    this.rows.delete(key);
  }
}

/** A clock that runs its one timer by hand. */
class HandClock {
  run: (() => void) | null = null;
  delayMs = 0;
  readonly schedule = (run: () => void, delayMs: number) => {
    this.run = run;
    this.delayMs = delayMs;
    return () => {
      if (this.run === run) this.run = null;
    };
  };
}

function setUp(storage: PageStorage = new MapStorage()) {
  const clock = new HandClock();
  return { storage, clock, drafts: new DraftsModel({ userId: ANA, storage, schedule: clock.schedule }) };
}

describe("DraftsModel", () => {
  it("writes once after a pause, the last text", () => {
    const storage = new MapStorage();
    const { clock, drafts } = setUp(storage);
    for (const text of ["h", "he", "hel"]) drafts.set(GENERAL, text);
    expect(storage.rows.size).toBe(0);
    expect(clock.delayMs).toBe(DRAFT_DEBOUNCE_MS);
    clock.run?.();
    expect(storage.rows.get(KEY)).toBe("hel");
    expect(storage.writeCount).toBe(1);
  });

  it("is there again after a reload, only for its own account", () => {
    const { storage, drafts } = setUp();
    drafts.set(GENERAL, "unfinished");
    drafts.flush();
    expect(setUp(storage).drafts.text(GENERAL)).toBe("unfinished");
    expect(setUp(storage).drafts.hasDraft(GENERAL)).toBe(true);
    expect(new DraftsModel({ userId: BO, storage }).text(GENERAL)).toBe("");
  });

  it("marks rooms that hold more than white space", () => {
    const { drafts } = setUp();
    drafts.set(GENERAL, "text");
    drafts.set(DESIGN, "  \n");
    drafts.flush();
    expect([...drafts.written.value]).toEqual([GENERAL]);
    const before = drafts.written.value;
    drafts.set(GENERAL, "text that goes on");
    drafts.flush();
    expect(drafts.written.value).toBe(before);
    drafts.set(GENERAL, "");
    drafts.flush();
    expect(drafts.hasDraft(GENERAL)).toBe(false);
  });

  it("leaves nothing behind when a draft is emptied", () => {
    const storage = new MapStorage();
    const { drafts } = setUp(storage);
    drafts.set(GENERAL, "text");
    drafts.flush();
    drafts.set(GENERAL, "");
    drafts.flush();
    expect(storage.rows.size).toBe(0);
  });

  it("takes a draft of another tab and tells of it", () => {
    const { drafts } = setUp();
    drafts.receive(KEY, "from the other tab");
    expect(drafts.text(GENERAL)).toBe("from the other tab");
    expect(drafts.hasDraft(GENERAL)).toBe(true);
    expect(drafts.received.value).toEqual({ key: GENERAL, text: "from the other tab" });
    drafts.receive(KEY, null);
    expect(drafts.hasDraft(GENERAL)).toBe(false);
  });

  it("keeps the room whose composer has the focus from other tabs", () => {
    const { drafts } = setUp();
    drafts.hold(GENERAL, true);
    drafts.receive(KEY, "from the other tab");
    expect(drafts.text(GENERAL)).toBe("");
    expect(drafts.received.value).toBeNull();
    drafts.hold(GENERAL, false);
    drafts.receive(KEY, "from the other tab");
    expect(drafts.text(GENERAL)).toBe("from the other tab");
  });

  it("does not lose what is not written yet to another tab", () => {
    const { drafts } = setUp();
    drafts.set(GENERAL, "mine");
    drafts.receive(KEY, "theirs");
    expect(drafts.text(GENERAL)).toBe("mine");
  });

  it("ignores other keys", () => {
    const { drafts } = setUp();
    drafts.receive("parley.draft.bo.general", "of another account");
    drafts.receive("theme", "dark");
    expect(drafts.written.value.size).toBe(0);
  });

  it("writes when the page goes and follows storage events until told to stop", () => {
    const storage = new MapStorage();
    const { drafts } = setUp(storage);
    const page = new EventTarget();
    const stop = drafts.listen(page);
    drafts.set(GENERAL, "almost lost");
    page.dispatchEvent(new Event("pagehide"));
    expect(storage.rows.get(KEY)).toBe("almost lost");
    const event = Object.assign(new Event("storage"), { key: "parley.draft.ana.design", newValue: "x" });
    page.dispatchEvent(event);
    expect(drafts.text(DESIGN)).toBe("x");
    stop();
    drafts.set(GENERAL, "later");
    page.dispatchEvent(new Event("pagehide"));
    expect(storage.rows.get(KEY)).toBe("almost lost");
  });

  it("works without storage", () => {
    const refuse = () => {
      throw new Error("Access is denied");
    };
    const storage = { length: 1, key: refuse, getItem: refuse, setItem: refuse, removeItem: refuse };
    const { drafts } = setUp(storage);
    drafts.set(GENERAL, "in memory");
    drafts.flush();
    expect(drafts.text(GENERAL)).toBe("in memory");
    expect(drafts.hasDraft(GENERAL)).toBe(true);
  });
});
