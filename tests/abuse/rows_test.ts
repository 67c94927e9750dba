import { describe, expect, it } from "vitest";
import { appRouter } from "../../server/router.ts";
import { ABUSE_ROWS, ATTACK_ROWS } from "./rows.ts";
import type { World } from "./rows.ts";

interface Schema {
  readonly "~standard": { validate(value: unknown): { readonly issues?: readonly unknown[] } };
}

const PROCEDURES = appRouter._def.procedures as unknown as Record<string, { _def: { inputs: Schema[] } }>;
const ID = "abcdefghijklmnop";
const WORLD: World = {
  userId: ID,
  roomId: ID,
  ownRoomId: ID,
  otherRoomId: ID,
  head: "epoch.9",
  earlier: "epoch.1",
  offset: 3,
  headOffset: 9,
  userIds: [ID],
  memberInvite: "A".repeat(22),
  guestInvite: "A".repeat(22),
  tag: "M1",
};

describe("rows of deno task abuse", () => {
  it("are there for every procedure, and for no other", () => {
    expect(Object.keys(ABUSE_ROWS).toSorted()).toEqual(Object.keys(PROCEDURES).toSorted());
  });

  it.each(Object.entries(ATTACK_ROWS))(
    "make inputs of %s that get past its schema",
    (name, { path = name, input }) => {
      const [schema] = PROCEDURES[path]?._def.inputs ?? [];
      for (const index of [0, 1, 20, 301]) {
        expect(schema?.["~standard"].validate(input(WORLD, index)).issues).toBeUndefined();
      }
    },
  );
});
