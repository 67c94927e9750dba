import { describe, expect, it, vi } from "vitest";
import type { RoomId, UserId } from "../../../shared/ids.ts";
import { TYPING_RATE } from "../../../shared/limits.ts";
import { appRouter } from "../../../server/router.ts";
import { createCallerFactory } from "../../../server/rpc/trpc.ts";
import { AccountKit, failureCode } from "../../support/account_kit.ts";
import type { Person } from "../../support/account_kit.ts";

const createCaller = createCallerFactory(appRouter);
type Api = ReturnType<typeof createCaller>;

interface Place {
  readonly api: Api;
  readonly roomId: RoomId;
  readonly userId: UserId;
  readonly offset: number;
}

type Call = (place: Place) => Promise<unknown>;

const newText = () => crypto.randomUUID();

/** What is asked, and how often storage is read for it when nothing of the caller and the room is known. */
const CALLS: Readonly<Record<string, readonly [call: Call, readCount: number]>> = {
  "messages.send": [
    ({ api, roomId }) => api.messages.send({ roomId, clientMessageId: newText(), text: "Hello" }),
    2,
  ],
  "messages.edit": [({ api, roomId, offset }) => api.messages.edit({ roomId, offset, text: newText() }), 3],
  "messages.react": [
    ({ api, roomId, offset }) => api.messages.react({ roomId, offset, emoji: "👍", on: true }),
    3,
  ],
  "messages.delete": [({ api, roomId, offset }) => api.messages.delete({ roomId, offset }), 3],
  "messages.list": [({ api, roomId }) => api.messages.list({ roomId }), 3],
  // An event after the last read message may be a missed call.
  "rooms.get": [({ api, roomId }) => api.rooms.get({ roomId }), 4],
  "rooms.update": [({ api, roomId }) => api.rooms.update({ roomId, topic: newText() }), 3],
  "rooms.members": [({ api, roomId }) => api.rooms.members({ roomId }), 4],
  "rooms.setMemberRole": [
    ({ api, roomId, userId }) => api.rooms.setMemberRole({ roomId, userId, role: "moderator" }),
    3,
  ],
  "rooms.removeMember": [({ api, roomId, userId }) => api.rooms.removeMember({ roomId, userId }), 3],
  "rooms.addMember": [({ api, roomId, userId }) => api.rooms.addMember({ roomId, userId }), 5],
  "rooms.markRead": [({ api, roomId, offset }) => api.rooms.markRead({ roomId, offset, unread: true }), 4],
  "rooms.setLevel": [({ api, roomId }) => api.rooms.setLevel({ roomId, level: "none" }), 3],
  "typing.set": [({ api, roomId }) => api.typing.set({ roomId, isTyping: true }), 2],
  "rooms.archive": [({ api, roomId }) => api.rooms.archive({ roomId, on: true }), 3],
  "rooms.leave": [({ api, roomId }) => api.rooms.leave({ roomId }), 3],
};

/** Calls as one connection makes them: who it is was found out when it opened. */
async function callerOf(kit: AccountKit, { browser }: Person): Promise<Api> {
  return createCaller({
    services: kit.services,
    login: await kit.services.accounts.login({ cookieToken: browser.cookie }),
    address: browser.address,
    untrustedProxy: null,
    userAgent: "Test browser",
    gone: new AbortController().signal,
    connection: null,
    lane: null,
    cookie: null,
  });
}

async function place(kit: AccountKit) {
  const owner = await kit.owner();
  const ben = await kit.member(owner, "Ben");
  const roomId = await kit.room(owner, "Dock", "private");
  await owner.api.rooms.addMember({ roomId, userId: ben.me.id });
  const { offset } = await owner.api.messages.send({ roomId, clientMessageId: "m", text: "Hello" });
  const outsider = await kit.member(owner, "Cleo");
  const spies = [vi.spyOn(kit.db, "get"), vi.spyOn(kit.db, "getMany"), vi.spyOn(kit.db, "list")];
  const countReads = async (call: () => Promise<unknown>) => {
    // What was known of rights has run out.
    kit.advance(2_000);
    for (const spy of spies) spy.mockClear();
    await call();
    return spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
  };
  const here = { roomId, userId: ben.me.id, offset };
  return { owner: await callerOf(kit, owner), outsider: await callerOf(kit, outsider), here, countReads };
}

describe("a procedure of a room", () => {
  it("ACCESS1 looks rights up at the door and at the commit, and what it read there is not read again", async () => {
    await using kit = await AccountKit.open();
    const { owner: api, here, countReads } = await place(kit);
    for (const [name, [call, readCount]] of Object.entries(CALLS)) {
      expect([name, await countReads(() => call({ api, ...here }))]).toEqual([name, readCount]);
    }
  });

  it("ACCESS2 lets nobody in who may not see the room, whose log is not touched", async () => {
    await using kit = await AccountKit.open();
    const { outsider: api, here, countReads } = await place(kit);
    const appends = vi.spyOn(kit.services.roomLog, "append");
    for (const [name, [call]] of Object.entries(CALLS)) {
      const readCount = await countReads(async () => {
        expect([name, await failureCode(call({ api, ...here }))]).toEqual([name, "not_found"]);
      });
      // The session and the room.
      expect([name, readCount]).toEqual([name, 2]);
    }
    expect(appends).not.toHaveBeenCalled();
  });

  it("ACCESS3 counts guesses: the limit of an account is taken before the room is looked up", async () => {
    await using kit = await AccountKit.open();
    const { outsider: api, here: { roomId } } = await place(kit);
    const codes = new Set<string | undefined>();
    for (let count = 0; count <= TYPING_RATE.burst; count++) {
      codes.add(await failureCode(api.typing.set({ roomId, isTyping: true })));
    }
    expect([...codes]).toEqual(["not_found", "rate_limited"]);
  });
});
