import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AppError } from "../../../shared/errors.ts";
import { BrowseModel } from "../../../client/rooms/browse_model.ts";
import { filterPeople } from "../../../client/rooms/filter_people.ts";
import { RoomPreviewModel } from "../../../client/rooms/room_preview_model.ts";
import { ANA, BEN, CLEO, idOf, roomNamed, RoomsServer, userNamed } from "./rooms_kit.ts";

describe("BrowseModel", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("asks once after a pause in the typing", async () => {
    const server = new RoomsServer();
    server.found = [{ ...roomNamed("Kitchen"), memberCount: 3 }, { ...roomNamed("Launch"), memberCount: 1 }];
    using model = new BrowseModel(server.api);
    for (const query of ["K", "Ki", "Kit"]) model.search(query);
    await vi.advanceTimersByTimeAsync(500);
    expect(server.browsed).toEqual(["Kit"]);
    expect(model.rooms.value?.map((room) => room.name)).toEqual(["Kitchen"]);
  });

  it("adds further pages to the first", async () => {
    const server = new RoomsServer();
    server.found = ["A", "B", "C"].map((name) => ({ ...roomNamed(name), memberCount: 1 }));
    using model = new BrowseModel(server.api);
    await model.load();
    expect(model.hasMore.value).toBe(true);
    await model.loadMore();
    expect(model.rooms.value?.map((room) => room.name)).toEqual(["A", "B", "C"]);
    expect(model.hasMore.value).toBe(false);
  });

  it("says why it found nothing when the server did not answer", async () => {
    const server = new RoomsServer();
    server.failure = new AppError("rate_limited", "Too fast", { retryAfterMs: 100 });
    using model = new BrowseModel(server.api);
    await model.load();
    expect(model.failure.value?.code).toBe("rate_limited");
    expect(model.rooms.value).toBe(null);
  });
});

describe("RoomPreviewModel", () => {
  it("shows a room that one is not in, and why it cannot be shown", async () => {
    const server = new RoomsServer();
    const model = new RoomPreviewModel(server.api);
    await model.load(idOf("General"));
    expect(model.room.value?.name).toBe("General");
    server.failure = new AppError("not_found", "There is no such room");
    await model.load(idOf("Secret"));
    expect(model.room.value).toBe(null);
    expect(model.failure.value?.code).toBe("not_found");
    await model.load(null);
    expect(model.failure.value).toBe(null);
  });
});

describe("filterPeople()", () => {
  const people = [userNamed("Anaïs", ANA), userNamed("Joanna", BEN), userNamed("José", CLEO)];

  it("finds a part of a name whatever its case and accents, names that begin with it first", () => {
    const find = (query: string) => filterPeople(people, query, new Set()).map((user) => user.name);
    expect(find("ana")).toEqual(["Anaïs"]);
    expect(find("JOSE")).toEqual(["José"]);
    expect(find("an")).toEqual(["Anaïs", "Joanna"]);
    expect(find("na")).toEqual(["Anaïs", "Joanna"]);
    expect(find("@jo")).toEqual(["Joanna", "José"]);
    expect(find("")).toEqual(["Anaïs", "Joanna", "José"]);
  });

  it("leaves out who is not to be offered", () => {
    expect(filterPeople(people, "", new Set([ANA, BEN])).map((user) => user.name)).toEqual(["José"]);
    const bot = { ...userNamed("Status", CLEO), isBot: true, isBuiltIn: true as const };
    expect(filterPeople([...people, bot], "status", new Set())).toEqual([]);
  });
});
