import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { DATABASE_FILE } from "../../../server/kv/open_database.ts";
import { keys } from "../../../server/kv/keys.ts";
import { TRPC_CODES } from "../../../server/rpc/trpc_codes.ts";
import type { RoomId } from "../../../shared/ids.ts";
import { RawSocket } from "../../support/raw_socket.ts";
import { testApp } from "../../support/test_app.ts";
import type { TestApp } from "../../support/test_app.ts";

/** The codes that programs know: changing one breaks bots. */
const TABLE = {
  BAD_REQUEST: ["invalid_input", "invalid_position", "invalid_request"],
  UNAUTHORIZED: ["unauthenticated", "bad_credentials"],
  FORBIDDEN: ["not_allowed", "origin_refused", "membership_ended", "not_in_call", "push_host_refused"],
  NOT_FOUND: ["not_found", "invite_invalid", "setup_invalid", "reset_invalid"],
  CONFLICT: [
    "name_taken",
    "already_set_up",
    "last_owner",
    "room_archived",
    "wrong_state",
    "call_full",
    "call_moved",
  ],
  PAYLOAD_TOO_LARGE: ["too_large"],
  TOO_MANY_REQUESTS: ["rate_limited", "too_many_subscriptions"],
  SERVICE_UNAVAILABLE: ["storage_unavailable", "storage_full", "draining"],
  INTERNAL_SERVER_ERROR: ["internal"],
};

async function general(app: TestApp): Promise<RoomId> {
  const roomId = await app.services.rooms.general();
  if (roomId === null) throw new Error("There must be a room of all");
  return roomId;
}

describe("errors", () => {
  it("ERR1 have the codes of the table", () => {
    const named = Object.entries(TABLE).flatMap(([code, names]) => names.map((name) => [name, code]));
    expect(TRPC_CODES).toEqual(Object.fromEntries(named));
  });

  it("ERR2 T43 reveal nothing internal except an id that is also in the log", async () => {
    await using app = await testApp();
    const roomId = await general(app);
    const { offset } = await app.owner.api.messages.send.mutate({ roomId, clientMessageId: "m", text: "Hi" });
    // Storage damaged from outside.
    await app.services.db.commit({ sets: [[keys.message(roomId, offset), { by: 7 }]] });
    const input = encodeURIComponent(JSON.stringify({ roomId }));
    const response = await app.owner.device.fetch(`/trpc/messages.list?input=${input}`);
    const overHttp = (await response.json()).error;
    const socket = await RawSocket.open(app.owner.device);
    const overSocket = (await socket.call("query", "messages.list", { roomId }) as { error: unknown }).error;
    expect(response.status).toBe(500);
    for (const error of [overHttp, overSocket]) {
      expect(error).toEqual({
        message: "Internal error",
        code: -32603,
        data: {
          code: "INTERNAL_SERVER_ERROR",
          httpStatus: 500,
          path: "messages.list",
          appCode: "internal",
          errorId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        },
      });
      const { errorId } = (error as { data: { errorId: string } }).data;
      expect(app.logs.filter((line) => line.includes(errorId)).length).toBe(1);
    }
  });

  it.each<[name: string, path: string, init: RequestInit, status: number, code: string, appCode: string]>([
    ["another method", "auth.me", { method: "PUT" }, 405, "METHOD_NOT_SUPPORTED", "invalid_request"],
    [
      "a query by POST",
      "messages.since",
      { method: "POST", body: "{}", headers: { "content-type": "application/json" } },
      405,
      "METHOD_NOT_SUPPORTED",
      "invalid_request",
    ],
    ["a mutation by GET", "auth.signOut", {}, 405, "METHOD_NOT_SUPPORTED", "invalid_request"],
    [
      "another type",
      "auth.signOut",
      { method: "POST", body: "{}", headers: { "content-type": "text/plain" } },
      415,
      "UNSUPPORTED_MEDIA_TYPE",
      "invalid_request",
    ],
    [
      "broken JSON",
      "auth.signIn",
      { method: "POST", body: "{", headers: { "content-type": "application/json" } },
      400,
      "BAD_REQUEST",
      "invalid_request",
    ],
    ["broken JSON in the address", "rooms.get?input={", {}, 400, "BAD_REQUEST", "invalid_request"],
    ["no procedure", "rooms.burn", {}, 404, "NOT_FOUND", "not_found"],
  ])("ERR3 of %s are in tRPC's shape, with the status", async (_name, path, init, status, code, appCode) => {
    await using app = await testApp();
    const response = await app.owner.device.fetch(`/trpc/${path}`, init);
    expect(response.status).toBe(status);
    const { error } = await response.json();
    expect(error.data).toMatchObject({ code, httpStatus: status, appCode });
    expect(error.code).toBeLessThan(0);
  });

  it("ERR4 F7 of a locked database are retryable, and the retry is stored once", async () => {
    const dataDir = await Deno.makeTempDir({ prefix: "parley-test-" });
    try {
      await using app = await testApp({ config: { dataDir } });
      const roomId = await general(app);
      const send = () =>
        app.owner.api.messages.send.mutate({ roomId, clientMessageId: "locked_out", text: "Hello" });
      {
        // Another program, such as a backup, has locked the file.
        using sqlite = new DatabaseSync(`${dataDir}/${DATABASE_FILE}`);
        sqlite.exec("begin immediate");
        await expect(send()).rejects.toMatchObject({
          data: {
            code: "SERVICE_UNAVAILABLE",
            httpStatus: 503,
            appCode: "storage_unavailable",
            retryAfterMs: expect.any(Number),
          },
        });
        sqlite.exec("rollback");
      }
      const { offset } = await send();
      expect((await send()).offset).toBe(offset);
      const { messages } = await app.owner.api.messages.list.query({ roomId });
      expect(messages.map(({ clientMessageId }) => clientMessageId)).toEqual(["locked_out"]);
    } finally {
      await Deno.remove(dataDir, { recursive: true });
    }
  });
});
