import { getUntypedClient, TRPCClientError } from "@trpc/client";
import { describe, expect, it } from "vitest";
import { appRouter } from "../../../server/router.ts";
import type { RoomId } from "../../../shared/ids.ts";
import type { Client, Transport } from "../../support/test_clients.ts";
import { ACCOUNT_ROWS } from "./account_rows.ts";
import type { Answer, Case, Row } from "./answers.ts";
import { CALL_ROWS } from "./call_rows.ts";
import { ROOM_ROWS } from "./room_rows.ts";
import { STATUS_ROWS } from "./status_rows.ts";
import { ROLES, World } from "./world.ts";
import type { RoleName } from "./world.ts";

const ROWS: Readonly<Record<string, Row>> = {
  ...ACCOUNT_ROWS,
  ...CALL_ROWS,
  ...ROOM_ROWS,
  ...STATUS_ROWS,
};

// At run time they stand side by side under their whole names; the types know them nested.
const PROCEDURES = appRouter._def.procedures as unknown as Record<string, { _def: { type: string } }>;
const TYPES = new Map(Object.entries(PROCEDURES).map(([path, { _def }]) => [path, _def.type]));

/** What came back, and of a refusal every byte that the caller could compare. */
interface Heard {
  readonly answer: Answer | string;
  readonly bytes: string;
}

async function ask(client: Client, path: string, input: unknown): Promise<Heard> {
  const untyped = getUntypedClient(client);
  try {
    if (TYPES.get(path) === "query") await untyped.query(path, input);
    else if (TYPES.get(path) === "mutation") await untyped.mutation(path, input);
    else await firstItem(client, path, input);
    return { answer: "ok", bytes: "" };
  } catch (error) {
    if (!(error instanceof TRPCClientError) || error.shape === undefined) throw error;
    return { answer: error.data.appCode, bytes: JSON.stringify(error.shape) };
  }
}

function firstItem(client: Client, path: string, input: unknown): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const { unsubscribe } = getUntypedClient(client).subscription(path, input, {
    onData: () => resolve(),
    onError: reject,
    onComplete: () => reject(new Error("The subscription ended without a word")),
  });
  return promise.finally(() => unsubscribe());
}

/** How many events the room has that an input names. */
async function headOf(world: World, input: unknown): Promise<number> {
  if (typeof input !== "object" || input === null || !("roomId" in input)) return 0;
  return (await world.app.services.roomLog.head(input.roomId as RoomId)).offset;
}

function expectedOf(each: Case, role: RoleName, transport: Transport): Answer {
  return transport === "ws" && each.overSocket !== undefined ? each.overSocket : each.answers[role];
}

/** Asks one procedure for everything as one role; gives what differs from the row. */
async function differences(
  world: World,
  asked: { readonly path: string; readonly row: Row; readonly role: RoleName; readonly transport: Transport },
): Promise<string[]> {
  const { path, row, role, transport } = asked;
  const found: string[] = [];
  const hidden = new Map<string, string>();
  for (const each of row) {
    await using actor = await world.actor(role, transport);
    const input = await each.input?.(world, actor);
    const before = await headOf(world, input);
    const { answer, bytes } = await ask(actor.client, path, input);
    if (answer !== "ok" && await headOf(world, input) !== before) {
      found.push(`${path}, ${each.of}, ${role}: refused, but the room has a new event`);
    }
    const expected = expectedOf(each, role, transport);
    if (answer !== expected) found.push(`${path}, ${each.of}, ${role}: expected ${expected}, got ${answer}`);
    if (each.hiddenFrom?.includes(role)) hidden.set(bytes, each.of);
  }
  if (hidden.size > 1) found.push(`${path}, ${role} can tell apart: ${[...hidden].join(" | ")}`);
  return found;
}

describe("authorization", () => {
  it("AUTHZ1 has exactly one row for every procedure", () => {
    const withoutRow = [...TYPES.keys()].filter((path) =>
      ROWS[path] === undefined || ROWS[path].length === 0
    );
    expect(withoutRow.join(), "procedures without a row").toBe("");
    expect(Object.keys(ROWS).filter((path) => !TYPES.has(path)).join(), "rows without procedure").toBe("");
  });

  const nouns = [...new Set([...TYPES.keys()].map((path) => path.split(".")[0]))];
  for (const transport of ["ws", "sse"] satisfies Transport[]) {
    it.each(nouns)(
      `AUTHZ2 T01 T02 answers each role as the contract says, over ${transport}: %s`,
      async (noun) => {
        await using world = await World.open();
        const found: string[] = [];
        for (const [path, row] of Object.entries(ROWS)) {
          if (!path.startsWith(`${noun}.`)) continue;
          const asked = ROLES.map((role) => differences(world, { path, row, role, transport }));
          found.push(...(await Promise.all(asked)).flat());
        }
        expect(found.length, `\n${found.join("\n")}`).toBe(0);
      },
    );
  }
});
