import { describe, expect, it } from "vitest";
import { CallBoard } from "../../../server/calls/call_board.ts";
import { newCall, withDevice } from "../../../server/calls/call_record.ts";
import type { CallRecord, CallRow } from "../../../server/calls/call_record.ts";
import type { CallRowStore } from "../../../server/calls/call_row_store.ts";
import { SfuKeeper } from "../../../server/calls/sfu_keeper.ts";
import { SfuRooms } from "../../../server/calls/sfu_rooms.ts";
import { newId } from "../../../shared/ids.ts";
import type { CallId, ParticipantId, RoomId, SessionId, TabId, UserId } from "../../../shared/ids.ts";
import { VOICE } from "../../support/call_kit.ts";
import { waitFor } from "../../support/wait.ts";

const ROUND_MS = 2;
const NEVER_MS = 3_600_000;
const SOON = { timeoutMs: 30_000 };
const NOT_ALLOWED = 401;

interface Asked {
  readonly method: string;
  readonly identity: string | undefined;
}

/** What a LiveKit server answers; what it is asked is kept. Its real one is in `sfu_calls_test`. */
function openAnswers(answer: (method: string) => Response) {
  const asked: Asked[] = [];
  let aliveCount = 0;
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
    const method = new URL(request.url).pathname.split("/").at(-1) ?? "";
    if (method === "") {
      aliveCount++;
      return new Response("OK");
    }
    asked.push({ method, identity: (await request.json()).identity });
    return answer(method);
  });
  return {
    asked,
    aliveCount: () => aliveCount,
    url: `ws://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function callOn(participants: readonly ParticipantId[]): CallRecord {
  const startedBy = newId<UserId>();
  const startedAt = new Date(0).toISOString();
  let call = newCall({ callId: newId<CallId>(), startedBy, startedAt, purpose: "talk", isDirect: false });
  for (const participantId of participants) {
    const sessionId = newId<SessionId>();
    const userId = newId<UserId>();
    const device = {
      userId,
      accountId: userId,
      key: sessionId,
      sessionId,
      tokenId: null,
      tabId: newId<TabId>(),
    };
    call = withDevice(call, device, { media: VOICE, participantId, hasSfu: true });
  }
  return { ...call, topology: "sfu" };
}

function keeperOf(url: string, stored: CallRow | null, roundMs = ROUND_MS) {
  const board = new CallBoard(() => performance.now());
  const sfu = new SfuRooms({ liveKit: { url, key: "parley", secret: "s".repeat(32) }, now: Date.now });
  const warnings: string[] = [];
  const log = { warn: (text: string) => void warnings.push(text), info: () => {} };
  const rows = { read: () => Promise.resolve(stored) } as unknown as CallRowStore;
  const keeper = new SfuKeeper({
    sfu,
    board,
    rows,
    isFirst: () => true,
    log: log as never,
    roundMs,
  });
  return { board, keeper, warnings };
}

describe("SfuKeeper", () => {
  it("gives up to end a room that LiveKit refuses to end, and says it once", async () => {
    await using server = openAnswers(() => Response.json({}, { status: NOT_ALLOWED }));
    const { board, keeper, warnings } = keeperOf(server.url, null);
    const roomId = newId<RoomId>();
    board.apply(roomId, { revision: 1, call: callOn([]), last: null });
    board.apply(roomId, { revision: 2, call: null, last: null });
    const ends = () => server.asked.filter(({ method }) => method === "DeleteRoom").length;
    await waitFor(() => ends() === 6, SOON);
    const before = server.aliveCount();
    // The next try would come after 32 rounds, and all of them after one each.
    await waitFor(() => server.aliveCount() > before + 40, SOON);
    expect(ends()).toBe(6);
    expect(warnings.length).toBe(1);
    await keeper.close();
  });

  it("takes out at once who has left, whenever the next round is", async () => {
    await using server = openAnswers(() => Response.json({}));
    const [staying, leaving] = [newId<ParticipantId>(), newId<ParticipantId>()];
    const call = callOn([staying, leaving]);
    const roomId = newId<RoomId>();
    const { board, keeper } = keeperOf(server.url, null, NEVER_MS);
    await waitFor(() => server.aliveCount() === 1, SOON);
    board.apply(roomId, { revision: 1, call, last: null });
    const participants = call.participants.filter(({ participantId }) => participantId === staying);
    board.apply(roomId, { revision: 2, call: { ...call, participants }, last: null });
    await waitFor(() => server.asked.some(({ method }) => method === "RemoveParticipant"), SOON);
    expect(server.asked).toEqual([{ method: "RemoveParticipant", identity: leaving }]);
    await keeper.close();
  });

  it("takes out who is not in the call, but nobody who has joined on another instance", async () => {
    const [known, joined, stranger] = [
      newId<ParticipantId>(),
      newId<ParticipantId>(),
      newId<ParticipantId>(),
    ];
    await using server = openAnswers((method) =>
      Response.json(
        method === "ListParticipants"
          ? { participants: [known, joined, stranger].map((identity) => ({ identity })) }
          : {},
      )
    );
    const call = callOn([known, joined]);
    const { board, keeper } = keeperOf(server.url, { revision: 2, call, last: null });
    const seen = call.participants.filter(({ participantId }) => participantId === known);
    board.apply(newId<RoomId>(), { revision: 1, call: { ...call, participants: seen }, last: null });
    const removals = () => server.asked.filter(({ method }) => method === "RemoveParticipant");
    await waitFor(() => removals().length > 3, SOON);
    expect(new Set(removals().map(({ identity }) => identity))).toEqual(new Set([stranger]));
    await keeper.close();
  });
});
