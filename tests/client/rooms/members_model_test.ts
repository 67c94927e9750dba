import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AppError } from "../../../shared/errors.ts";
import type { UserId } from "../../../shared/ids.ts";
import { MembersModel } from "../../../client/rooms/members_model.ts";
import { describeRole, groupMembers } from "../../../client/rooms/member_groups.ts";
import { ANA, BEN, CLEO, idOf, memberNamed, RoomsServer, userNamed } from "./rooms_kit.ts";

const ROOM = idOf("General");
const OTHER = idOf("Design");

function names(model: MembersModel): string[] {
  return model.members.value.map((member) => member.user.name);
}

describe("MembersModel", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("shows the open room's members and never those of the room before", async () => {
    const server = new RoomsServer();
    server.members.set(ROOM, [memberNamed("Ana", ANA)]);
    server.members.set(OTHER, [memberNamed("Ben", BEN)]);
    using model = new MembersModel(server.api);
    model.open(ROOM);
    model.open(OTHER);
    expect(model.state.value).toBe("loading");
    await vi.advanceTimersByTimeAsync(0);
    expect(names(model)).toEqual(["Ben"]);
    model.open(ROOM);
    expect(names(model)).toEqual([]);
    await vi.advanceTimersByTimeAsync(0);
    expect(names(model)).toEqual(["Ana"]);
    expect(model.state.value).toBe("ready");
  });

  it("moves somebody whose account was deactivated to the end, without asking the server", async () => {
    const server = new RoomsServer();
    server.members.set(ROOM, [memberNamed("Ana", ANA), memberNamed("Ben", BEN)]);
    using model = new MembersModel(server.api);
    model.open(ROOM);
    await vi.advanceTimersByTimeAsync(0);
    model.deactivated(ANA);
    model.deactivated(CLEO);
    const groups = groupMembers(model.members.value, () => "online");
    expect(groups.map(({ title }) => title)).toEqual(["Online — 1", "Deactivated — 1"]);
  });

  it("reads all pages, and says when a very long list has more", async () => {
    const server = new RoomsServer();
    const crowd = Array.from({ length: 1_250 }, (_, i) => memberNamed(`P${i}`, `person${i}` as UserId));
    server.members.set(ROOM, crowd);
    using model = new MembersModel(server.api);
    model.open(ROOM);
    await vi.advanceTimersByTimeAsync(0);
    expect(model.members.value.length).toBe(1_000);
    expect(model.hasMore.value).toBe(true);
    await model.loadMore();
    expect(model.members.value.length).toBe(1_250);
    expect(model.hasMore.value).toBe(false);
  });

  it("looks once when many people come at the same time", async () => {
    const server = new RoomsServer();
    server.members.set(ROOM, [memberNamed("Ana", ANA)]);
    using model = new MembersModel(server.api);
    model.open(ROOM);
    await vi.advanceTimersByTimeAsync(0);
    const looks = vi.spyOn(server.api.members, "query");
    server.members.get(ROOM)?.push(memberNamed("Ben", BEN));
    for (let i = 0; i < 20; i++) model.changed(ROOM);
    model.changed(OTHER);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(looks).toHaveBeenCalledTimes(1);
    expect(names(model)).toEqual(["Ana", "Ben"]);
  });

  it("keeps the list when reading it again fails", async () => {
    const server = new RoomsServer();
    server.members.set(ROOM, [memberNamed("Ana", ANA)]);
    using model = new MembersModel(server.api);
    model.open(ROOM);
    await vi.advanceTimersByTimeAsync(0);
    server.failure = new AppError("storage_unavailable", "Storage does not answer");
    await model.reload();
    expect(model.state.value).toBe("failed");
    expect(model.failure.value?.code).toBe("storage_unavailable");
    expect(names(model)).toEqual(["Ana"]);
  });

  it("brings people in, takes them out and knows their role", async () => {
    const server = new RoomsServer();
    server.members.set(ROOM, [memberNamed("Ana", ANA, { role: "moderator" })]);
    using model = new MembersModel(server.api);
    model.open(ROOM);
    await vi.advanceTimersByTimeAsync(0);
    await model.add(BEN);
    expect(model.roleOf(BEN)).toBe("member");
    expect(model.roleOf(ANA)).toBe("moderator");
    await model.remove(BEN);
    expect(model.roleOf(BEN)).toBe(null);
  });
});

describe("groupMembers()", () => {
  it("groups by presence, sorts by name, and shows deactivated members at the end", () => {
    const gone = { user: userNamed("Zed", "zed" as UserId, { deactivatedAt: "2026-01-01T00:00:00.000Z" }) };
    const members = [
      memberNamed("Cleo", CLEO),
      memberNamed("ben", BEN),
      memberNamed("Ana", ANA),
      memberNamed("Zed", "zed" as UserId, gone),
    ];
    const groups = groupMembers(members, (id) => id === CLEO ? "away" : "online");
    expect(groups.map(({ title, members }) => [title, members.map(({ user }) => user.name)])).toEqual([
      ["Online — 2", ["Ana", "ben"]],
      ["Away — 1", ["Cleo"]],
      ["Deactivated — 1", ["Zed"]],
    ]);
  });
});

describe("describeRole()", () => {
  it("names the place's role before the room's, and nothing for a plain member", () => {
    const owner = { user: userNamed("Ana", ANA, { role: "owner" }), role: "moderator" } as const;
    expect(describeRole(memberNamed("Ana", ANA, owner))).toBe("owner");
    expect(describeRole(memberNamed("Ben", BEN, { role: "moderator" }))).toBe("moderator");
    expect(describeRole(memberNamed("Ben", BEN))).toBe(null);
    expect(describeRole(memberNamed("R", BEN, { user: userNamed("R", BEN, { isBot: true }) }))).toBe("bot");
  });
});
