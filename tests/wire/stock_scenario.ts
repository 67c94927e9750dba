// What a stock client can rely on. Runs in Deno and Node, each time against a new server.
import { strict as assert } from "node:assert";
import { openCutProxy } from "../support/cut_proxy.ts";
import type { Message } from "../../shared/message.ts";
import type { RoomId } from "../../shared/ids.ts";
import {
  assertNoStack,
  failureOf,
  KINDS,
  Party,
  Received,
  subscriptionFailure,
  until,
} from "./stock_clients.ts";
import type { Failure, Kind, Runtime } from "./stock_clients.ts";

/** A server with two people in one room. */
interface World {
  readonly ana: Party;
  readonly ben: Party;
  readonly roomId: RoomId;
  readonly port: number;
}

/** One thing to check. */
interface Step {
  readonly name: string;
  readonly run: (world: World) => Promise<void>;
}

const ANA_PASSWORD = "seven green bicycles";
const BEN_PASSWORD = "nine blue kettles";
const MISSING = "missing_room_000" as RoomId;
let sentCount = 0;

/** Signs in like people do: with the setup link, and with an invitation. */
async function enter(runtime: Runtime, origin: string, setupToken: string): Promise<World> {
  const ana = new Party(runtime, origin);
  const ben = new Party(runtime, origin);
  const me = await ana.http("nothing").auth.setup.mutate({
    token: setupToken,
    name: "Ana",
    password: ANA_PASSWORD,
    workspaceName: "Wire",
  });
  assert.equal(me.role, "owner");
  assert.equal(me.workspaceName, "Wire");
  const { code } = await ana.http().invites.create.mutate({ role: "member" });
  const preview = await ben.http("nothing").invites.preview.query({ invite: code });
  assert.deepEqual(preview, { workspaceName: "Wire", role: "member" });
  await ben.http("nothing").auth.register.mutate({ invite: code, name: "Ben", password: BEN_PASSWORD });
  for (const party of [ana, ben]) {
    party.token = (await party.http().tokens.create.mutate({ label: "wire" })).token;
  }
  const room = await ana.http().rooms.create.mutate({ name: "Wire", kind: "public" });
  await ben.http().rooms.join.mutate({ roomId: room.id });
  return { ana, ben, roomId: room.id, port: Number(new URL(origin).port) };
}

async function signInAndOut({ ben }: World): Promise<void> {
  const guestOfTheHouse = new Party(ben.runtime, ben.origin);
  assert.equal(await guestOfTheHouse.http().auth.me.query(), null);
  const wrong = await failureOf(
    guestOfTheHouse.http().auth.signIn.mutate({ name: "Ben", password: "nine red kettles" }),
  );
  assert.equal(wrong.data.appCode, "bad_credentials");
  const me = await guestOfTheHouse.http().auth.signIn.mutate({ name: "ben", password: BEN_PASSWORD });
  assert.equal(me.name, "Ben");
  assert.equal((await guestOfTheHouse.http().auth.me.query())?.sessionId, me.sessionId);
  assert.equal((await ben.http("token").auth.me.query())?.sessionId, null);
  assert.equal(await guestOfTheHouse.http().auth.signOut.mutate(), null);
  assert.equal(guestOfTheHouse.cookie, null);
  assert.equal(await guestOfTheHouse.http().auth.me.query(), null);
}

/** Sends a message, and waits if the server says so. */
async function send({ ana, ben, roomId }: World, text: string): Promise<Message> {
  const client = (sentCount++ % 2 === 0 ? ana : ben).http("token");
  const message = { roomId, clientMessageId: `wire-${sentCount}`, text };
  for (;;) {
    try {
      return await client.messages.send.mutate(message);
    } catch (error) {
      const failure = await failureOf(Promise.reject(error));
      assert.equal(failure.data.appCode, "rate_limited");
      await new Promise((resolve) => setTimeout(resolve, failure.data.retryAfterMs));
    }
  }
}

function delivers(kind: Kind): Step["run"] {
  return async (world) => {
    const { ben, roomId } = world;
    const client = ben.client(kind);
    const received = new Received(client, roomId);
    await received.until(1);
    assert.deepEqual(received.texts, ["subscribed"]);
    const clientMessageId = `delivers-${kind}`;
    const sent = await client.messages.send.mutate({ roomId, clientMessageId, text: "Hello" });
    const again = await client.messages.send.mutate({ roomId, clientMessageId, text: "Hello again" });
    assert.deepEqual(again, sent);
    const page = await client.messages.list.query({ roomId, limit: 1 });
    assert.deepEqual(page.messages, [sent]);
    await received.until(2);
    assert.deepEqual(received.positions[1], page.position);
    const { by, at, offset } = sent;
    const event = { offset, at, by, type: "message_sent", messageOffset: offset, message: sent };
    assert.deepEqual(received.events[1], event);
    received.end();
    await ben.close();
  };
}

function resumes(kind: Kind): Step["run"] {
  return async (world) => {
    const { ben, roomId, port } = world;
    const proxy = await openCutProxy(port);
    try {
      const client = ben.client(kind, proxy.port);
      const fresh = new Received(client, roomId);
      await fresh.until(1);
      await send(world, "one");
      await fresh.until(2);
      const dials = proxy.dialCount;
      proxy.refuse(true);
      proxy.cut();
      await until(() => proxy.dialCount > dials, "the client dials again");
      await send(world, "two");
      await send(world, "three");
      proxy.refuse(false);
      await fresh.until(4);
      // A second cut, with nothing missed this time: the next event must arrive once.
      proxy.cut();
      await send(world, "four");
      await fresh.until(5);
      assert.deepEqual(fresh.texts, ["subscribed", "one", "two", "three", "four"]);
      const offsets = fresh.events.map(({ offset }) => offset);
      assert.deepEqual(offsets, offsets.map((_, index) => (offsets[0] ?? 0) + index));
      fresh.end();
      await ben.close();
    } finally {
      await proxy.close();
    }
  };
}

async function samePositions(world: World): Promise<void> {
  const { ben, roomId } = world;
  const { position: start } = await ben.client("sse+token").messages.list.query({ roomId, limit: 1 });
  for (const text of ["a", "b", "c"]) await send(world, text);
  const all = await Promise.all(KINDS.map(async (kind) => {
    const received = new Received(ben.client(kind), roomId, start);
    await received.until(3);
    received.end();
    return { events: received.events, positions: received.positions };
  }));
  for (const one of all) assert.deepEqual(one, all[0]);
  const [first] = all;
  assert.ok(first);
  for (const [index, position] of first.positions.entries()) {
    const rest = first.events.slice(index + 1);
    for (const kind of KINDS) {
      const client = ben.client(kind);
      const since = await client.messages.since.query({ roomId, position });
      assert.deepEqual(since, { events: rest, position: first.positions.at(-1), resync: false });
      if (rest.length === 0) continue;
      const received = new Received(client, roomId, position);
      await received.until(rest.length);
      assert.deepEqual(received.events, rest);
      received.end();
    }
  }
  await ben.close();
}

async function sameErrors({ ana, ben, roomId }: World): Promise<void> {
  const nobody = new Party(ben.runtime, ben.origin);
  const askedOf = async (ask: (kind: Kind) => Promise<Failure>): Promise<Failure> => {
    const failures = await Promise.all(KINDS.map(ask));
    for (const failure of failures) assert.deepEqual(failure, failures[0]);
    return failures[0] as Failure;
  };
  const unknown = { roomId, text: "x", clientMessageId: "k", colour: "red" };
  const invalid = await askedOf((kind) => failureOf(ben.client(kind).messages.send.mutate(unknown)));
  assert.equal(invalid.data.code, "BAD_REQUEST");
  assert.equal(invalid.data.appCode, "invalid_input");
  assert.deepEqual(invalid.data.issues, [{ path: "colour", message: "Unknown key, remove it" }]);
  assert.equal(invalid.data.path, "messages.send");

  const missing = await askedOf((kind) =>
    failureOf(ben.client(kind).messages.list.query({ roomId: MISSING }))
  );
  assert.equal(missing.data.httpStatus, 404);
  assert.equal(missing.data.appCode, "not_found");
  const refused = await askedOf((kind) => subscriptionFailure(ben.client(kind), { roomId: MISSING }));
  assert.deepEqual({ ...refused.data, path: "" }, { ...missing.data, path: "" });
  assert.equal(refused.message, missing.message);
  const position = await askedOf((kind) => {
    return subscriptionFailure(ben.client(kind), { roomId, lastEventId: "nowhere" });
  });
  assert.equal(position.data.appCode, "invalid_position");
  const edited = await askedOf((kind) => {
    return failureOf(ben.client(kind).rooms.update.mutate({ roomId, name: "Mine" }));
  });
  assert.equal(edited.data.appCode, "not_allowed");
  assert.equal(edited.data.httpStatus, 403);

  nobody.token = "wrong";
  const unauthenticated = await failureOf(nobody.http("nothing").rooms.list.query());
  assert.equal(unauthenticated.data.appCode, "unauthenticated");
  const deadToken = await failureOf(nobody.http("token").rooms.list.query());
  assert.deepEqual(deadToken.data, unauthenticated.data);
  const statuses = [...ana.exchanges, ...ben.exchanges, ...nobody.exchanges].map(({ status }) => status);
  for (const status of [200, 400, 401, 403, 404]) assert.ok(statuses.includes(status), `status ${status}`);
  await ben.close();
}

async function batchLimits({ ben }: World): Promise<void> {
  const http = ben.http("token");
  const twenty = await Promise.all(Array.from({ length: 20 }, () => http.auth.me.query()));
  assert.equal(twenty.length, 20);
  assert.equal(ben.exchanges.at(-1)?.url.split("auth.me").length, 21);
  const tooMany = await Promise.all(Array.from({ length: 21 }, () => failureOf(http.auth.me.query())));
  for (const { data } of tooMany) assert.equal(data.appCode, "too_large");
  assert.equal(ben.exchanges.at(-1)?.status, 413);

  const socket = ben.client("ws+token");
  await socket.auth.me.query();
  const most = await Promise.all(Array.from({ length: 84 }, () => socket.auth.me.query()));
  assert.equal(most.length, 84);
  const frame = await Promise.all(Array.from({ length: 85 }, () => failureOf(socket.auth.me.query())));
  for (const { data } of frame) assert.equal(data.appCode, "too_large");
  assert.ok(await socket.auth.me.query());
  await ben.close();
}

async function subscriptionLimit({ ben, roomId }: World): Promise<void> {
  const client = ben.client("ws+cookie");
  const open = Array.from({ length: 64 }, () => new Received(client, roomId));
  await Promise.all(open.map((received) => received.until(1)));
  const refused = await subscriptionFailure(client, { roomId });
  assert.equal(refused.data.code, "TOO_MANY_REQUESTS");
  assert.equal(refused.data.appCode, "too_many_subscriptions");
  assert.ok((refused.data.retryAfterMs ?? 0) > 0);
  open.pop()?.end();
  // The slot is free once the server has noticed.
  const opened = () => new Received(client, roomId);
  let next = opened();
  await until(() => {
    if (next.errors.length > 0) next = opened();
    return next.events.length > 0;
  }, "a place for one more");
  await ben.close();
}

async function tellsHowLongToWait({ ben }: World): Promise<void> {
  const stranger = new Party(ben.runtime, ben.origin);
  let failure: Failure | null = null;
  for (let tries = 0; tries < 15 && failure?.data.appCode !== "rate_limited"; tries++) {
    failure = await failureOf(stranger.http("nothing").invites.preview.query({ invite: "wrong" }));
  }
  assert.equal(failure?.data.code, "TOO_MANY_REQUESTS");
  const exchange = stranger.exchanges.at(-1);
  assert.equal(exchange?.status, 429);
  assert.equal(Number(exchange?.retryAfter), Math.ceil((failure?.data.retryAfterMs ?? 0) / 1000));
  for (const { body } of [...stranger.exchanges, ...ben.exchanges]) assertNoStack(body);
}

const STEPS: readonly Step[] = [
  { name: "WIRE1 signs in and out, after setup and registration by links", run: signInAndOut },
  ...KINDS.map((kind) => ({ name: `WIRE2 ${kind} delivers what was sent, once`, run: delivers(kind) })),
  ...KINDS.map((kind) => ({ name: `WIRE3 ${kind} resumes by itself after a cut`, run: resumes(kind) })),
  { name: "WIRE4 a position continues on every transport, and by since", run: samePositions },
  { name: "WIRE5 errors look the same on every transport", run: sameErrors },
  { name: "WIRE6 a batch of 21 and a frame of 85 are refused, one by one", run: batchLimits },
  { name: "WIRE7 the 65th subscription of a connection is refused", run: subscriptionLimit },
  { name: "WIRE8 a refusal says how long to wait, and nothing shows a stack", run: tellsHowLongToWait },
];

/** The steps in order. */
export const STEP_NAMES: readonly string[] = STEPS.map(({ name }) => name);

/** Sets up the scenario and returns a function that runs a step by name. */
export async function openScenario(
  runtime: Runtime,
  origin: string,
  setupToken: string,
): Promise<(name: string) => Promise<void>> {
  const world = await enter(runtime, origin, setupToken);
  return async (name) => {
    try {
      await STEPS.find((step) => step.name === name)?.run(world);
    } finally {
      await Promise.all([world.ana.close(), world.ben.close()]);
    }
  };
}
