import { describe, expect, it } from "vitest";
import { inOrder, NO_PLACES, placeRooms } from "../../../client/rooms/room_places.ts";
import type { PlaceOptions, RoomEntry, RoomPlaces } from "../../../client/rooms/room_places.ts";
import { entryNamed, idOf } from "./rooms_kit.ts";

const FREE: PlaceOptions = { current: null, isHeld: false };

function place(
  entries: readonly RoomEntry[],
  previous: RoomPlaces = NO_PLACES,
  how: Partial<PlaceOptions> = {},
): RoomPlaces {
  return placeRooms(entries, previous, { ...FREE, ...how });
}

const ids = (...names: string[]) => names.map(idOf);

describe("placeRooms()", () => {
  it("sorts rooms and people by name into sections of their own, archived ones apart", () => {
    const places = place([
      entryNamed("Kitchen"),
      entryNamed("eli", { kind: "direct" }),
      entryNamed("design 10"),
      entryNamed("design 9"),
      entryNamed("Ana", { kind: "direct" }),
      entryNamed("Old", { archivedAt: "2026-01-01T00:00:00.000Z", unread: 3 }),
    ]);
    expect(places).toEqual({
      unread: [],
      rooms: ids("design 9", "design 10", "Kitchen"),
      direct: ids("Ana", "eli"),
      archived: ids("Old"),
    });
  });

  it("puts what is unread first: mentions, then people, then rooms", () => {
    const places = place([
      entryNamed("General"),
      entryNamed("Design", { unread: 14 }),
      entryNamed("Cleo", { kind: "direct", unread: 3 }),
      entryNamed("Launch", { unread: 9, mentions: 2 }),
    ]);
    expect(places.unread).toEqual(ids("Launch", "Cleo", "Design"));
    expect(places.rooms).toEqual(ids("General"));
    expect(inOrder(places)).toEqual(ids("Launch", "Cleo", "Design", "General"));
  });

  it("leaves the open room where it was when its messages are read, until another one is opened", () => {
    const before = place([entryNamed("General"), entryNamed("Design", { unread: 2 })]);
    const read = [entryNamed("General"), entryNamed("Design")];
    const during = place(read, before, { current: idOf("Design") });
    expect(during.unread).toEqual(ids("Design"));
    const after = place(read, during, { current: idOf("General") });
    expect(after.unread).toEqual([]);
    expect(after.rooms).toEqual(ids("Design", "General"));
  });

  it("does not pull the open room up when something new comes to it", () => {
    const before = place([entryNamed("General"), entryNamed("Design")]);
    const after = place([entryNamed("General"), entryNamed("Design", { unread: 1 })], before, {
      current: idOf("Design"),
    });
    expect(after.unread).toEqual([]);
  });

  it("moves nothing that is listed while somebody points at the list", () => {
    const before = place([entryNamed("A"), entryNamed("B"), entryNamed("C", { unread: 1 })]);
    const changed = [
      entryNamed("A"),
      entryNamed("B", { unread: 4, mentions: 1 }),
      entryNamed("C"),
      entryNamed("Aa"),
    ];
    const held = place(changed, before, { isHeld: true });
    expect(held.unread).toEqual(ids("C"));
    expect(held.rooms).toEqual(ids("A", "B", "Aa"));
    const released = place(changed, held);
    expect(released.unread).toEqual(ids("B"));
    expect(released.rooms).toEqual(ids("A", "Aa", "C"));
  });

  it("drops rooms that are gone even while it is held", () => {
    const before = place([entryNamed("A"), entryNamed("B")]);
    expect(place([entryNamed("B")], before, { isHeld: true }).rooms).toEqual(ids("B"));
  });
});
