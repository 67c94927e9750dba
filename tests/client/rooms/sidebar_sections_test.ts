import { describe, expect, it } from "vitest";
import { arrangeRooms, EMPTY_SECTIONS, inDisplayOrder } from "../../../client/rooms/sidebar_sections.ts";
import type { RoomEntry, SectionOptions, SidebarSections } from "../../../client/rooms/sidebar_sections.ts";
import { entryNamed, idOf } from "./rooms_kit.ts";

const FREE: SectionOptions = { current: null, isHeld: false };

function arrange(
  entries: readonly RoomEntry[],
  previous: SidebarSections = EMPTY_SECTIONS,
  how: Partial<SectionOptions> = {},
): SidebarSections {
  return arrangeRooms(entries, previous, { ...FREE, ...how });
}

const ids = (...names: string[]) => names.map(idOf);

describe("arrangeRooms()", () => {
  it("sorts rooms and people by name into sections of their own, archived ones apart", () => {
    const sections = arrange([
      entryNamed("Kitchen"),
      entryNamed("eli", { kind: "direct" }),
      entryNamed("design 10"),
      entryNamed("design 9"),
      entryNamed("Ana", { kind: "direct" }),
      entryNamed("Old", { archivedAt: "2026-01-01T00:00:00.000Z", unread: 3 }),
    ]);
    expect(sections).toEqual({
      unread: [],
      rooms: ids("design 9", "design 10", "Kitchen"),
      direct: ids("Ana", "eli"),
      archived: ids("Old"),
    });
  });

  it("puts what is unread first: mentions, then people, then rooms", () => {
    const sections = arrange([
      entryNamed("General"),
      entryNamed("Design", { unread: 14 }),
      entryNamed("Cleo", { kind: "direct", unread: 3 }),
      entryNamed("Launch", { unread: 9, mentions: 2 }),
    ]);
    expect(sections.unread).toEqual(ids("Launch", "Cleo", "Design"));
    expect(sections.rooms).toEqual(ids("General"));
    expect(inDisplayOrder(sections)).toEqual(ids("Launch", "Cleo", "Design", "General"));
  });

  it("leaves the open room where it was when its messages are read, until another one is opened", () => {
    const before = arrange([entryNamed("General"), entryNamed("Design", { unread: 2 })]);
    const read = [entryNamed("General"), entryNamed("Design")];
    const during = arrange(read, before, { current: idOf("Design") });
    expect(during.unread).toEqual(ids("Design"));
    const after = arrange(read, during, { current: idOf("General") });
    expect(after.unread).toEqual([]);
    expect(after.rooms).toEqual(ids("Design", "General"));
  });

  it("does not pull the open room up when something new comes to it", () => {
    const before = arrange([entryNamed("General"), entryNamed("Design")]);
    const after = arrange([entryNamed("General"), entryNamed("Design", { unread: 1 })], before, {
      current: idOf("Design"),
    });
    expect(after.unread).toEqual([]);
  });

  it("moves nothing that is listed while somebody points at the list", () => {
    const before = arrange([entryNamed("A"), entryNamed("B"), entryNamed("C", { unread: 1 })]);
    const changed = [
      entryNamed("A"),
      entryNamed("B", { unread: 4, mentions: 1 }),
      entryNamed("C"),
      entryNamed("Aa"),
    ];
    const held = arrange(changed, before, { isHeld: true });
    expect(held.unread).toEqual(ids("C"));
    expect(held.rooms).toEqual(ids("A", "B", "Aa"));
    const released = arrange(changed, held);
    expect(released.unread).toEqual(ids("B"));
    expect(released.rooms).toEqual(ids("A", "Aa", "C"));
  });

  it("drops rooms that are gone even while it is held", () => {
    const before = arrange([entryNamed("A"), entryNamed("B")]);
    expect(arrange([entryNamed("B")], before, { isHeld: true }).rooms).toEqual(ids("B"));
  });
});
