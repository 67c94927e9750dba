import { describe, expect, it, vi } from "vitest";
import { CallBoard } from "../../../server/calls/call_board.ts";
import { CallRowStore } from "../../../server/calls/call_row_store.ts";
import { Calls } from "../../../server/calls/calls.ts";
import type { Feed, Notice } from "../../../server/changes.ts";
import type { Signals } from "../../../server/streams/signals.ts";
import { RIGHTS_CACHE_MS } from "../../../shared/limits.ts";
import { generalRoom, tabOf } from "../../support/call_kit.ts";
import { testApp } from "../../support/test_app.ts";
import type { TestApp } from "../../support/test_app.ts";
import { waitFor } from "../../support/wait.ts";

/** Another instance on the same database, which hears only what `hear` is called with. */
function openOther({ services }: TestApp, elapsed: () => number) {
  const hearers: ((notice: Notice) => void)[] = [];
  const feed = {
    isShared: true,
    subscribe: (_: string, hearer: (notice: Notice) => void) => (hearers.push(hearer), () => {}),
  } as unknown as Feed;
  const signals = { setView: () => {}, on: () => () => {}, send: () => {} } as unknown as Signals;
  const board = new CallBoard(elapsed);
  const { db, roomLog, rooms, accounts, roomsSubscription: { summaries }, log, calls: { store } } = services;
  const rows = new CallRowStore({ db, feed, roomLog, board, now: Date.now });
  const isCurrent = () => false;
  const calls = new Calls({
    ...{ board, rows, store, feed, signals, rooms, accounts, summaries, log, elapsed, isCurrent },
    sfuKeeper: null,
    now: Date.now,
  });
  return { board, calls, rows, hear: (notice: Notice) => hearers.forEach((hearer) => hearer(notice)) };
}

describe("another instance", () => {
  it("reads the right to take part again after a second, since it may hear of changes late", async () => {
    await using app = await testApp();
    const [ana, ben] = [app.owner, await app.person("Ben")];
    const [one, two] = [await tabOf(app, ana), await tabOf(app, ben)];
    const { call } = await one.start(await generalRoom(ana));
    await two.join(call);
    let elapsedMs = 0;
    const { calls } = openOther(app, () => elapsedMs);
    const ask = () => calls.requireParticipant(ana.me.sessionId ?? "", call.callId);
    expect((await ask()).participant.userId).toBe(ana.id);
    await one.leave(call);
    elapsedMs = RIGHTS_CACHE_MS - 1;
    expect((await ask()).participant.userId).toBe(ana.id);
    elapsedMs = RIGHTS_CACHE_MS;
    await expect(ask()).rejects.toMatchObject({ appCode: "not_in_call" });
    await calls.close();
  });

  it("reads a call again of which it heard while storage did not answer", async () => {
    await using app = await testApp();
    const one = await tabOf(app, app.owner);
    const roomId = await generalRoom(app.owner);
    const { call } = await one.start(roomId);
    const { board, calls, rows, hear } = openOther(app, () => 0);
    const read = vi.spyOn(rows, "read").mockRejectedValueOnce(new Error("Storage is away"));
    hear({ type: "committed", kind: "room", streamId: roomId, events: [{ type: "call_started" }] } as never);
    await waitFor(() => board.find(roomId)?.row.call?.callId === call.callId);
    expect(read).toHaveBeenCalledTimes(2);
    await calls.close();
  });
});
