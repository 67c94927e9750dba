import { describe, expect, it } from "vitest";
import { createApp } from "../../server/app.ts";
import type { AppOptions } from "../../server/app.ts";
import { appRouter } from "../../server/router.ts";
import { FRAME_MAX_BYTES } from "../../shared/limits.ts";
import { PUBLIC_ROWS } from "./public_rows.ts";
import { ABUSE_ROWS, BATCH_ROWS } from "./rows.ts";
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
  incidents: [{ id: ID, updateId: ID }],
  statusStart: "epoch.0",
  statusHead: "epoch.9",
  filePaths: ["/static/app.js"],
  tag: "M1",
  peerSession: "s",
  call: { callId: ID, participantId: ID, peerId: ID },
};

describe("rows of deno task abuse", () => {
  it("are there for every procedure, and for no other", () => {
    expect(Object.keys(ABUSE_ROWS).toSorted()).toEqual(Object.keys(PROCEDURES).toSorted());
  });

  it("are there for every route that strangers reach without a procedure, and for no other", () => {
    // No request is made, so none of the parts is used.
    const app = createApp({ status: {}, devEvents: null } as unknown as AppOptions);
    const routes = app.routes.map(({ method, path }) => `${method} ${path}`);
    const covered = Object.values(PUBLIC_ROWS).flatMap((row) => row.routes);
    expect(covered.toSorted()).toEqual(
      [...new Set(routes)].filter((one) => one !== "ALL /trpc/*").toSorted(),
    );
  });

  it.each(Object.entries(PUBLIC_ROWS))("ask %s for each of its routes", (_, { routes, request }) => {
    const asked = Array.from({ length: 500 }, (_, index) => request(WORLD, index));
    for (const route of routes) {
      const [method = "", pattern = ""] = route.split(" ");
      const matches = new RegExp(`^${pattern.replaceAll("*", ".*").replace(/:\w+/, "[^/]+")}$`);
      const isAsked = asked.some((one) =>
        (one.method ?? "GET") === method && matches.test(one.path.replace(/\?.*/, ""))
      );
      expect([route, isAsked]).toEqual([route, true]);
    }
  });

  it.each(Object.entries({ ...ABUSE_ROWS, ...BATCH_ROWS }))(
    "make inputs of %s that get past the limit of a frame and its schema",
    (name, { path = name, input }) => {
      const [schema] = PROCEDURES[path]?._def.inputs ?? [];
      for (const index of [0, 1, 2, 20, 301]) {
        const value = input(WORLD, index);
        expect(schema?.["~standard"].validate(value).issues).toBeUndefined();
        const sizeBytes = new TextEncoder().encode(JSON.stringify(value)).length;
        expect(sizeBytes).toBeLessThan(FRAME_MAX_BYTES - 1_000);
      }
    },
  );
});
