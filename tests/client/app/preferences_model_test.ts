import { describe, expect, it } from "vitest";
import type { RoomId } from "../../../shared/ids.ts";
import { formatTitle } from "../../../client/app/page_title.ts";
import { findStorage } from "../../../client/app/page_storage.ts";
import type { PageStorage } from "../../../client/app/page_storage.ts";
import { PreferencesModel } from "../../../client/app/preferences_model.ts";
import { roomStepOf } from "../../../client/app/shortcuts.ts";

const ROOM = "room000000000001" as RoomId;

function memory(): PageStorage {
  return findStorage({
    get localStorage(): PageStorage {
      throw new DOMException("Access is denied", "SecurityError");
    },
  });
}

describe("PreferencesModel", () => {
  it("keeps every choice on this device", () => {
    const storage = memory();
    const model = new PreferencesModel(storage);
    expect([model.theme.value, model.enterSends.value, model.isPanelOpen.value]).toEqual([
      "system",
      true,
      true,
    ]);
    model.set({ theme: "dark" });
    model.set({ enterSends: false, lastRoomId: ROOM, workspaceName: "Harbour" });
    const again = new PreferencesModel(storage);
    expect([again.theme.value, again.enterSends.value]).toEqual(["dark", false]);
    expect([again.lastRoomId.value, again.workspaceName.value]).toEqual([ROOM, "Harbour"]);
  });

  it("takes nothing that it did not write", () => {
    const storage = memory();
    storage.setItem(
      "parley.preferences",
      '{"theme":"pink","enterSends":"no","lastRoomId":"../x","isPanelOpen":1}',
    );
    const model = new PreferencesModel(storage);
    expect([model.theme.value, model.enterSends.value, model.lastRoomId.value]).toEqual([
      "system",
      true,
      null,
    ]);
    storage.setItem("parley.preferences", "{broken");
    expect(new PreferencesModel(storage).theme.value).toBe("system");
  });

  it("holds a choice until the page is closed where the browser keeps nothing", () => {
    const full = {
      ...memory(),
      getItem: () => null,
      setItem: () => {
        throw new DOMException("Full", "QuotaExceededError");
      },
    };
    const model = new PreferencesModel(full);
    model.set({ theme: "light" });
    expect(model.theme.value).toBe("light");
  });
});

describe("formatTitle()", () => {
  it("puts what is unread first", () => {
    const title = { workspaceName: "Harbour", page: "General" };
    expect(formatTitle({ ...title, unreadCount: 0 })).toBe("General · Harbour");
    expect(formatTitle({ ...title, unreadCount: 3 })).toBe("(3) General · Harbour");
    expect(formatTitle({ ...title, unreadCount: 250 })).toBe("(99+) General · Harbour");
    expect(formatTitle({ workspaceName: "Harbour", page: null, unreadCount: 1 })).toBe("(1) Harbour");
  });
});

describe("roomStepOf()", () => {
  it("reads Alt and the arrows, with Shift for the next unread room, and nothing else", () => {
    const press = (key: string, mods: Partial<KeyboardEvent> = {}) =>
      roomStepOf({ key, altKey: true, shiftKey: false, ctrlKey: false, metaKey: false, ...mods });
    expect(press("ArrowDown")).toEqual({ step: 1, which: "any" });
    expect(press("ArrowUp", { shiftKey: true })).toEqual({ step: -1, which: "unread" });
    expect(press("ArrowDown", { altKey: false })).toBe(null);
    expect(press("ArrowDown", { ctrlKey: true })).toBe(null);
    expect(press("ArrowLeft")).toBe(null);
  });
});
