import { describe, expect, it } from "vitest";
import type { Notice } from "../../../server/changes.ts";
import { CallBoard } from "../../../server/calls/call_board.ts";
import { CallListeners } from "../../../server/calls/call_listeners.ts";
import type { CallListener } from "../../../server/calls/call_listeners.ts";
import { newCall, withDevice, withoutDevices, withRings } from "../../../server/calls/call_record.ts";
import type { CallDevice, CallRecord } from "../../../server/calls/call_record.ts";
import type { SignalView } from "../../../server/streams/signals.ts";
import type { CallUpdate } from "../../../shared/call/call_types.ts";
import { newId } from "../../../shared/ids.ts";
import type { CallId, ParticipantId, RoomId, SessionId, TabId, UserId } from "../../../shared/ids.ts";
import type { TabAddress } from "../../../shared/signal.ts";
import { VOICE } from "../../support/call_kit.ts";

const AT = new Date(0).toISOString();

function tabOf(userId: UserId, key: string = newId<SessionId>()): TabAddress {
  return { userId, key, tabId: newId<TabId>() };
}

function callOf(...tabs: readonly TabAddress[]): CallRecord {
  const startedBy = tabs[0]?.userId ?? newId<UserId>();
  const call = newCall({
    callId: newId<CallId>(),
    startedBy,
    startedAt: AT,
    purpose: "talk",
    isDirect: false,
  });
  return tabs.reduce((call, tab) => {
    const device = { ...tab, accountId: tab.userId, sessionId: tab.key, tokenId: null } as CallDevice;
    return withDevice(call, device, { media: VOICE, participantId: newId<ParticipantId>(), hasSfu: false });
  }, call);
}

/** One room with these members, as the summaries of this instance know it, and everything that tabs hear. */
function openListeners(members: readonly UserId[]) {
  const board = new CallBoard(() => 0);
  const roomId = newId<RoomId>();
  const heard: (readonly [tabId: TabId, type: CallUpdate["type"]])[] = [];
  const opened: TabId[] = [];
  let heldCount = 0;
  let open: (listener: CallListener) => Promise<SignalView> = () => Promise.reject();
  let hear: (notice: Notice) => void = () => {};
  const listeners = new CallListeners({
    board,
    feed: {
      subscribe: (_: string, handler: typeof hear) => {
        hear = handler;
        return () => void (hear = () => {});
      },
    } as never,
    signals: {
      offset: 0,
      setView: (_: unknown, view: typeof open) => void (open = view),
      deliver: (_: unknown, tabs: Iterable<TabAddress>, { type }: CallUpdate) => {
        for (const { tabId } of tabs) heard.push([tabId, type]);
      },
    } as never,
    summaries: {
      hold: () => Promise.resolve(void heldCount++),
      release: () => void heldCount--,
      room: (id: RoomId) =>
        id === roomId ? { members: new Map(members.map((each) => [each, null])) } : undefined,
    } as never,
    remainingOf: () => 0,
    now: () => 0,
    onOpened: ({ tabId }) => void opened.push(tabId),
  });
  let revision = 0;
  return {
    listeners,
    opened,
    held: () => heldCount,
    listen: (tab: TabAddress, isPolling = false) =>
      open({ ...tab, connection: null, signal: new AbortController().signal, isPolling }),
    change: (call: CallRecord | null) => board.apply(roomId, { revision: ++revision, call, last: null }),
    member: (type: "member_joined" | "member_left", userId: UserId) =>
      hear({ type: "committed", kind: "room", streamId: roomId, events: [{ type, userId }] } as never),
    heardBy: ({ tabId }: TabAddress) => heard.filter(([id]) => id === tabId).map(([, type]) => type),
  };
}

/** What a view begins with. */
function snapshotOf(view: SignalView): Extract<CallUpdate, { type: "snapshot" }> {
  return view.start().items[0]?.value as Extract<CallUpdate, { type: "snapshot" }>;
}

const PEOPLE = () => [newId<UserId>(), newId<UserId>(), newId<UserId>()] as const;

describe("CallListeners", () => {
  it("LISTEN1 know which tabs listen, and which of them by a stream", async () => {
    const { listeners, listen, opened, held } = openListeners([]);
    const tab = tabOf(newId<UserId>());
    const other = tabOf(tab.userId);
    const poll = await listen(tab, true);
    expect([listeners.find(tab)?.address, listeners.hasStream(tab)]).toEqual([tab, false]);
    const [first, second, others] = [await listen(tab), await listen(tab), await listen(other)];
    expect(opened).toEqual([tab.tabId, tab.tabId, tab.tabId, other.tabId]);
    first.close();
    expect([listeners.hasStream(tab), held()]).toEqual([true, 3]);
    second.close();
    expect([listeners.hasStream(tab), listeners.find(tab)?.address]).toEqual([false, tab]);
    poll.close();
    expect([listeners.find(tab), listeners.find(other)?.address]).toEqual([null, other]);
    others.close();
    expect([listeners.find(other), held()]).toEqual([null, 0]);
  });

  it("LISTEN2 begin with the calls of the person's rooms, and the person's own rings", async () => {
    const [ana, ben, cleo] = PEOPLE();
    const { listen, change } = openListeners([ana, ben]);
    const ring = { by: ana, video: false, until: AT };
    change(withRings(callOf(tabOf(ana)), [{ userId: ben, state: "calling" }], ring));
    const seen = await Promise.all([ana, ben, cleo].map(async (userId) => {
      const { calls, rings } = snapshotOf(await listen(tabOf(userId)));
      return [calls.length, rings.length];
    }));
    expect(seen).toEqual([[1, 0], [1, 1], [0, 0]]);
  });

  it("LISTEN3 tell those who join a room during its call, until they leave or the call ends", async () => {
    const [ana, ben, cleo] = PEOPLE();
    const { listen, change, member, heardBy } = openListeners([ana]);
    const [bens, cleos] = [tabOf(ben), tabOf(cleo)];
    await listen(bens);
    await listen(cleos);
    const call = callOf(tabOf(ana), tabOf(ana));
    change(call);
    expect(heardBy(bens)).toEqual([]);
    for (const userId of [ben, cleo]) member("member_joined", userId);
    expect(heardBy(bens)).toEqual(["call_changed"]);
    expect(snapshotOf(await listen(tabOf(ben))).calls.length).toBe(1);
    member("member_left", cleo);
    expect(heardBy(cleos)).toEqual(["call_changed", "call_ended"]);
    change(withoutDevices(call, ({ seq }) => seq === 2, null));
    change(null);
    // The next call is told to members alone, whom the summaries know by then.
    change(callOf(tabOf(ana)));
    expect(heardBy(bens)).toEqual(["call_changed", "call_changed", "call_ended"]);
    expect(heardBy(cleos).length).toBe(2);
  });

  it("LISTEN4 tell a device of its removal, and a tab that another has taken over", async () => {
    const [ana, ben] = PEOPLE();
    const { listeners, listen, change, heardBy } = openListeners([]);
    const [anas, first] = [tabOf(ana), tabOf(ben)];
    const [second, phone] = [tabOf(ben, first.key), tabOf(ben)];
    for (const tab of [anas, first, second, phone]) await listen(tab);
    const call = callOf(anas, first);
    change(call);
    const device = { ...second, accountId: ben, sessionId: second.key, tokenId: null } as CallDevice;
    const moved = withDevice(call, device, {
      media: VOICE,
      participantId: newId<ParticipantId>(),
      hasSfu: false,
    });
    change(moved);
    change(withoutDevices(moved, ({ userId }) => userId === ben, "kicked"));
    const all = [first, second, phone, anas].map(heardBy);
    expect(all).toEqual([["moved", "call_ended"], ["call_ended"], [], []]);
    // Nothing is sent to a tab that listens elsewhere.
    const absent = tabOf(ben);
    const elsewhere = callOf(anas, absent);
    change(elsewhere);
    const next = { ...device, tabId: newId<TabId>(), key: absent.key };
    change(
      withDevice(elsewhere, next, { media: VOICE, participantId: newId<ParticipantId>(), hasSfu: false }),
    );
    expect(heardBy(absent)).toEqual([]);
    listeners.close();
    change(moved);
    change(withoutDevices(moved, ({ userId }) => userId === ben, "kicked"));
    expect([first, second, phone, anas].map(heardBy)).toEqual(all);
  });
});
