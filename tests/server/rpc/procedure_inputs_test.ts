import { describe, expect, it } from "vitest";
import fc from "fast-check";
import type { Login } from "../../../server/net/connection.ts";
import type { Context } from "../../../server/rpc/context.ts";
import { appRouter } from "../../../server/router.ts";
import { createCallerFactory } from "../../../server/rpc/trpc.ts";
import { newId } from "../../../shared/ids.ts";
import type { ParticipantId, RoomId, UserId } from "../../../shared/ids.ts";
import { AccountKit, failure } from "../../support/account_kit.ts";
import type { Person } from "../../support/account_kit.ts";
import { storeCall } from "../../support/call_kit.ts";
import { pushSubscription } from "../../support/push_subscription.ts";
import { anyJson, inputsOf, objectOf, plus, UNKNOWN_KEYS, valuesOf } from "../../support/schema_inputs.ts";
import type { GoodValues, ReadSchema } from "../../support/schema_inputs.ts";
import { RawClient, rawFrame } from "../../support/raw_client.ts";
import { testApp } from "../../support/test_app.ts";
import { waitFor } from "../../support/wait.ts";

interface Procedure {
  readonly path: string;
  readonly type: string;
  /** Null if it takes no input. */
  readonly schema: ReadSchema | null;
}

type Call = (input: unknown) => Promise<unknown>;

const MINUTE_MS = 60_000;
/** For each procedure. */
const RUN_COUNT = 100;

// At run time, procedures are keyed by their full names.
const PROCEDURES = Object.entries(
  appRouter._def.procedures as unknown as Record<string, { _def: { type: string; inputs: ReadSchema[] } }>,
).map(([path, { _def }]): Procedure => ({ path, type: _def.type, schema: _def.inputs[0] ?? null }));

/** An owner with rooms, people and messages, so that valid inputs refer to something. */
class Desk implements AsyncDisposable {
  readonly kit: AccountKit;
  readonly good: GoodValues;
  readonly #ownerId: UserId;
  readonly #roomId: RoomId;
  #session: string | undefined;
  readonly #caller = createCallerFactory(appRouter);
  #addressCount = 0;

  private constructor(
    kit: AccountKit,
    made: { ownerId: UserId; roomId: RoomId; good: GoodValues },
  ) {
    this.kit = kit;
    this.good = made.good;
    this.#ownerId = made.ownerId;
    this.#roomId = made.roomId;
  }

  static async open(): Promise<Desk> {
    const kit = await AccountKit.open();
    const owner = await kit.owner();
    const roomId = await kit.room(owner, "Harbour");
    return new Desk(kit, { ownerId: owner.me.id, roomId, good: await goodValues(kit, owner, roomId) });
  }

  /** Calls a procedure as the owner and returns its error. A subscription is read once. */
  async ask({ path, type }: Procedure, input: unknown): ReturnType<typeof failure> {
    const { services } = this.kit;
    // Nothing may be refused because of rate limits or earlier inputs.
    this.kit.advance(MINUTE_MS);
    await services.rooms.update({ roomId: this.#roomId, by: this.#ownerId, isArchived: false });
    await services.rooms.members.join({ roomId: this.#roomId, userId: this.#ownerId });
    const ended = new AbortController();
    const context: Context = {
      services,
      login: await this.#login(),
      untrustedProxy: null,
      address: `192.0.2.${this.#addressCount++ % 256}`,
      userAgent: "Test",
      gone: ended.signal,
      connection: null,
      lane: null,
      cookie: { set: () => {}, clear: () => {} },
    };
    const caller = this.#caller(context, { signal: ended.signal });
    const call = path.split(".").reduce<unknown>(
      (at, name) => (at as Record<string, unknown>)[name],
      caller,
    ) as Call;
    try {
      return await failure(
        call(input).then((result) => type === "subscription" ? first(result, ended) : result),
      );
    } finally {
      ended.abort();
    }
  }

  /** An input may have ended the session. */
  async #login(): Promise<Login | null> {
    const { accounts, sessions } = this.kit.services;
    const login = await accounts.login({ cookieToken: this.#session });
    if (login !== null) return login;
    const started = await sessions.start({ userId: this.#ownerId, role: "owner", userAgent: "Test" }, []);
    this.#session = started?.token;
    return await accounts.login({ cookieToken: this.#session });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kit[Symbol.asyncDispose]();
  }
}

async function goodValues(kit: AccountKit, owner: Person, roomId: RoomId): Promise<GoodValues> {
  const { rooms, messages, messageEvents, users, status, db } = kit.services;
  const actor = { userId: owner.me.id, role: "owner", isBot: false } as const;
  const offsets = await Promise.all(
    Array.from({ length: 200 }, (_, index) => {
      const clientMessageId = `a${index}`;
      return messages.send(actor, { roomId, clientMessageId, text: "Hello @Ben", replyTo: null });
    }),
  ).then((sent) => sent.map(({ offset }) => offset));
  const userIds: UserId[] = [];
  for (let index = 0; index < 50; index++) {
    const { row, commit } = await users.prepare({ name: `Ben ${index}`, role: "member" });
    await db.commit(commit);
    userIds.push(row.id);
  }
  const direct = await rooms.openDirect(owner.me.id, userIds[0] ?? owner.me.id);
  const incidentId = await status.incidents.open(
    { title: "Late", text: "Late.", components: [] },
    owner.me.id,
  );
  const participantId = newId<ParticipantId>();
  const { callId } = await storeCall(db, {
    roomId,
    by: userIds[0] ?? owner.me.id,
    ringFor: owner.me.id,
    participantId,
  });
  const { code } = await owner.api.invites.create({ role: "guest", roomId });
  const subscription = pushSubscription(1);
  return {
    roomId: [roomId, roomId, roomId, direct.id, newId()],
    userId: [...userIds, newId()],
    sessionId: [newId()],
    inviteId: [newId()],
    callId: [callId, callId, newId()],
    tabId: [newId()],
    participantId: [participantId, newId()],
    to: [participantId, newId()],
    from: [participantId, newId()],
    bytes: [0, 3],
    epoch: [0, 1],
    seq: [0, 1],
    payload: ["{}"],
    tokenId: [newId()],
    invite: [code],
    position: [messageEvents.positionAt(0), messageEvents.positionAt(2)],
    lastEventId: ["", messageEvents.positionAt(0)],
    offset: [0, 1, ...offsets, 999],
    before: [0, 3, 9],
    after: [0, 3, 9],
    around: [0, 3, 9],
    limit: [1, 100],
    cursor: [null],
    replyTo: [2, 3],
    waitMs: [0],
    emoji: ["👍", "👩‍👩‍👧‍👦"],
    time: ["2030-01-31T12:00:00Z"],
    mutedUntil: ["2030-01-31T12:00:00Z"],
    textUntil: ["2040-01-31T12:00:00Z"],
    clientMessageId: ["m1"],
    id: [incidentId, incidentId, newId(), "messages"],
    updateId: [newId()],
    startsAt: ["2040-01-31T12:00:00Z"],
    endsAt: ["2040-02-01T12:00:00Z"],
    startedAt: ["2030-01-01T12:00:00Z"],
    expiresAt: ["2040-01-31T12:00:00Z"],
    endpoint: [subscription.endpoint],
    p256dh: [subscription.keys.p256dh],
    auth: [subscription.keys.auth],
  };
}

/** Reads the first item, or aborts if none arrives. */
async function first(result: unknown, ended: AbortController): Promise<unknown> {
  const items = (result as AsyncIterable<unknown>)[Symbol.asyncIterator]();
  const item = items.next();
  queueMicrotask(() => ended.abort());
  await item;
  return await items.return?.();
}

describe("inputs of procedures", () => {
  it("T33 never cause an internal error or reveal internals, whatever they are", async () => {
    await using desk = await Desk.open();
    const answers = new Map<string, Set<string>>();
    // Each with runs of its own, so that a new procedure does not change the inputs of the others.
    for (const { path, type, schema } of PROCEDURES) {
      const heard = new Set<string>();
      answers.set(path, heard);
      const inputs = schema === null ? anyJson : inputsOf(schema, desk.good);
      await fc.assert(
        fc.asyncProperty(inputs, async (input) => {
          const error = await desk.ask({ path, type, schema }, input);
          expect(["internal", "storage_unavailable"], path).not.toContain(error?.appCode);
          expect(error?.message ?? "").not.toMatch(
            /\.ts:|node_modules|\n\s+at |Cannot read|is not a function/,
          );
          heard.add(error?.appCode ?? "ok");
        }),
        { numRuns: RUN_COUNT, seed: 20260105, endOnFailure: true },
      );
    }
    // The test is only meaningful if some inputs pass the schemas.
    const unmoved = PROCEDURES.filter(({ schema, path }) =>
      schema !== null && [...answers.get(path) ?? []].every((answer) => answer === "invalid_input")
    );
    expect(unmoved.map(({ path }) => path)).toEqual([]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  }, 120_000);

  it("T34 have a schema for every procedure, even those without input", () => {
    expect(PROCEDURES.filter(({ schema }) => schema === null).map(({ path }) => path)).toEqual([]);
  });

  it.each(
    PROCEDURES.flatMap((procedure) =>
      procedure.schema === null ? [] : [[procedure.path, procedure]] as const
    ),
  )(
    "T34 with a key that %s does not know are refused, whatever its name",
    async (path, procedure) => {
      await using desk = await Desk.open();
      const { schema } = procedure;
      if (schema === null) throw new Error("It takes no input");
      expect(objectOf(schema), "an input is an object").not.toBeNull();
      const good = fc.sample(valuesOf(schema, "", desk.good), { numRuns: 3, seed: 20260106 });
      for (const input of good) {
        for (const key of UNKNOWN_KEYS) {
          const error = await desk.ask(procedure, plus(input, key, { polluted: true }));
          // Once there is an owner, setup answers everybody the same way before it validates anything.
          expect(error?.appCode, key).toBe(path === "auth.setup" ? "already_set_up" : "invalid_input");
        }
      }
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    },
  );

  it("T34 over a WebSocket are answered one by one, for any JSON, and the process survives", async () => {
    await using app = await testApp();
    await using clients = new AsyncDisposableStack();
    // Several, because one person may not ask so much at once.
    const admins = [await app.person("Ben", { role: "admin" }), await app.person("Cleo", { role: "admin" })];
    const dialed = [app.owner, ...admins].map(async ({ device }) => {
      const client = clients.use(await RawClient.dial(app.port, device.address));
      await client.upgrade({ Origin: app.url, Cookie: device.cookie ?? "" });
      return client;
    });
    const all = await Promise.all(dialed);
    const texts = [
      '{"roomId":"a","roomId":"b","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
      '{"roomId":1e999,"offset":-0,"limit":1e308,"text":"\\ud800","name":"\\udfff"}',
      `${"[".repeat(20_000)}${"]".repeat(20_000)}`,
      `{${Array.from({ length: 6_000 }, (_, index) => `"k${index}":0`).join()}}`,
    ];
    // Procedures without input ignore it: signing out would end the test.
    const asked = PROCEDURES.filter(({ schema }) => schema !== null)
      .flatMap(({ path, type }) => texts.map((text) => ({ path, type, text })));
    const answered = () => all.flatMap((client) => client.frames()).map(({ payload }) => payload.toString());
    for (const [id, { path, type, text }] of asked.entries()) {
      all[id % all.length]?.write(
        rawFrame(`{"id":${id},"method":"${type}","params":{"path":"${path}","input":${text}}}`),
      );
      await waitFor(() => answered().some((answer) => answer.startsWith(`{"id":${id},`)));
    }
    const answers = answered().map((text) => JSON.parse(text));
    const accepted = answers.filter(({ error }) => error === undefined).map(({ id }) => asked[id]?.path);
    expect(accepted).toEqual([]);
    const appCodes = new Set(answers.map(({ error }) => error.data.appCode));
    expect(appCodes).toEqual(new Set(["invalid_input", "already_set_up"]));
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(app.logs.filter((line) => line.includes(" error "))).toEqual([]);
    expect(await app.owner.api.auth.me.query()).toMatchObject({ name: "Ana" });
  });
});
