import { TRPCClientError } from "@trpc/client";
import { describe, expect, it } from "vitest";
import type { UserId } from "../../shared/ids.ts";
import { PRESENCE_DEBOUNCE_MS, PRESENCE_RATE, STATUS_TEXT_MAX_CHARACTERS } from "../../shared/limits.ts";
import { applyPresence, EMPTY_PICTURE, offlineState, toSnapshot } from "../../shared/presence.ts";
import type { PresenceState, PresenceUpdate } from "../../shared/presence.ts";
import { statesIn } from "../support/presence_kit.ts";
import { RawSocket } from "../support/raw_socket.ts";
import { testApp } from "../support/test_app.ts";
import type { Client, Transport } from "../support/test_clients.ts";
import { waitFor } from "../support/wait.ts";

/** A subscription of a stock client, as far as it has come. */
interface Heard {
  readonly updates: PresenceUpdate[];
  stateOf(userId: UserId): PresenceState;
  unsubscribe(): void;
}

async function listen(client: Client): Promise<Heard> {
  const updates: PresenceUpdate[] = [];
  const { unsubscribe } = client.presence.onPresence.subscribe(undefined, {
    onData: (update) => void updates.push(update),
  });
  await waitFor(() => updates.length > 0, { what: "a snapshot" });
  return {
    updates,
    stateOf: (userId) =>
      updates.reduce(applyPresence, EMPTY_PICTURE).states.get(userId) ?? offlineState(userId),
    unsubscribe,
  };
}

interface ErrorData {
  readonly appCode: string;
  readonly issues?: { readonly path: string }[];
}

async function errorOf(promise: Promise<unknown>): Promise<ErrorData> {
  const error = await promise.then(() => "nothing was refused", (thrown: unknown) => thrown);
  if (error instanceof TRPCClientError) return error.data as ErrorData;
  throw new Error(String(error));
}

function inMs(ms: number): string {
  return new Date(Date.now() + ms).toISOString();
}

describe("presence", () => {
  for (const transport of ["ws", "sse"] satisfies Transport[]) {
    it(`PRS80 is a snapshot and then diffs over ${transport}`, async () => {
      await using app = await testApp();
      const [ben, cleo] = await Promise.all([app.person("Ben"), app.person("Cleo")]);
      await app.clientFor(ben, "ws").presence.set.mutate({ status: "online", text: "Lunch" });
      const early = await listen(app.clientFor(app.owner, "ws"));
      await waitFor(() => early.stateOf(ben.id).text === "Lunch");
      const heard = await listen(app.clientFor(app.owner, transport));
      expect(heard.updates).toEqual([{
        type: "snapshot",
        online: [ben.id],
        away: [],
        doNotDisturb: [],
        texts: [{ userId: ben.id, text: "Lunch", textUntil: null }],
      }]);
      await app.clientFor(cleo, "ws").presence.set.mutate({ status: "away" });
      await waitFor(() => heard.stateOf(cleo.id).status === "away");
      expect(heard.updates.at(-1)?.type).toBe("diff");
      heard.unsubscribe();
    });
  }

  it("PRS81 ends five seconds after the last connection, and a reload is invisible", async () => {
    await using app = await testApp();
    const ben = await app.person("Ben");
    const heard = await listen(app.clientFor(app.owner, "ws"));
    const first = await RawSocket.open(ben.device);
    await first.call("mutation", "presence.set", { status: "online" });
    await waitFor(() => heard.stateOf(ben.id).status === "online");
    const countBefore = heard.updates.length;
    first.terminate();
    const second = await RawSocket.open(ben.device);
    await second.call("mutation", "presence.set", { status: "online" });
    const at = performance.now();
    second.terminate();
    await waitFor(() => heard.stateOf(ben.id).status === "offline");
    expect(performance.now() - at).toBeGreaterThan(PRESENCE_DEBOUNCE_MS - 200);
    expect(heard.updates.length).toBe(countBefore + 1);
  });

  it("PRS82 works for programs that only use HTTP", async () => {
    await using app = await testApp();
    const ben = await app.person("Ben");
    const heard = await listen(app.clientFor(app.owner, "ws"));
    await ben.api.presence.set.mutate({ status: "online" });
    await waitFor(() => heard.stateOf(ben.id).status === "online");
  });

  it("PRS83 recovers after a restart of the server: texts are kept, people reappear", async () => {
    await using app = await testApp({ file: true });
    const ben = await app.person("Ben");
    const bens = app.clientFor(ben, "ws");
    await bens.presence.set.mutate({ status: "online", text: "Lunch", doNotDisturb: true });
    const heard = await listen(app.clientFor(app.owner, "ws"));
    await waitFor(() => heard.stateOf(ben.id).status === "online");
    await app.restart();
    await waitFor(() => heard.updates.filter((update) => update.type === "snapshot").length === 2);
    expect(heard.stateOf(ben.id)).toEqual({
      userId: ben.id,
      status: "offline",
      text: "Lunch",
      textUntil: null,
      doNotDisturb: true,
    });
    await bens.presence.set.mutate({ status: "online" });
    await waitFor(() => heard.stateOf(ben.id).status === "online");
    expect(heard.stateOf(ben.id).text).toBe("Lunch");
  });

  it("PRS84 has not one byte of strangers for a guest, over any transport", async () => {
    await using app = await testApp();
    const room = await app.services.rooms.create({
      name: "Dock",
      kind: "private",
      topic: "",
      by: app.owner.id,
    });
    const [ben, gus] = await Promise.all([
      app.person("Ben"),
      app.person("Gus", { role: "guest", roomId: room.id }),
    ]);
    const socket = await RawSocket.open(gus.device);
    socket.subscribe(1, "presence.onPresence", undefined);
    const stream = await listen(app.clientFor(gus, "sse"));
    const all = await listen(app.clientFor(app.owner, "ws"));
    await app.clientFor(ben, "ws").presence.set.mutate({ status: "online", text: "A secret" });
    await waitFor(() => all.stateOf(ben.id).text === "A secret");
    await app.clientFor(app.owner, "ws").presence.set.mutate({ status: "online" });
    await waitFor(() => socket.texts.some((text) => text.includes(app.owner.id)));
    await waitFor(() => stream.stateOf(app.owner.id).status === "online");
    expect(socket.texts.join("\n")).not.toContain(ben.id);
    expect(JSON.stringify(stream.updates)).not.toContain(ben.id);

    // Once they share a room it is shown, and no longer when they part.
    await app.services.rooms.members.join({ userId: ben.id, roomId: room.id });
    await waitFor(() => stream.stateOf(ben.id).text === "A secret");
    await app.services.rooms.members.leave({ userId: ben.id, roomId: room.id });
    await waitFor(() => stream.stateOf(ben.id).status === "offline" && stream.stateOf(ben.id).text === "");
    stream.unsubscribe();
  });

  it("PRS90 comes with rooms.onChange on slim transports", async () => {
    await using app = await testApp();
    const ben = await app.person("Ben");
    const updates: PresenceUpdate[] = [];
    const client = app.clientFor(app.owner, "sse");
    const { unsubscribe } = client.rooms.onChange.subscribe({ also: ["presence"] }, {
      onData: (change) => {
        if (change.type === "presence") updates.push(change.update);
      },
    });
    await waitFor(() => updates.length === 1);
    expect(updates).toEqual([toSnapshot([])]);
    await ben.api.presence.set.mutate({ status: "online" });
    await waitFor(() => updates.slice(-1).flatMap(statesIn)[0]?.userId === ben.id);
    unsubscribe();
  });

  it("PRS85 of a deactivated person vanishes within a second", async () => {
    await using app = await testApp();
    const ben = await app.person("Ben");
    const socket = await RawSocket.open(ben.device);
    await socket.call("mutation", "presence.set", { status: "online", text: "Lunch" });
    const heard = await listen(app.clientFor(app.owner, "ws"));
    await waitFor(() => heard.stateOf(ben.id).text === "Lunch");
    await app.owner.api.users.deactivate.mutate({ userId: ben.id });
    await waitFor(() => heard.stateOf(ben.id).status === "offline", { timeoutMs: 1_000 });
    const told = heard.updates.slice(-1).flatMap(statesIn);
    expect(told).toEqual([{ ...offlineState(ben.id), isDeactivated: true }]);
  });

  it("PRS86 names the wrong field and what is allowed", async () => {
    await using app = await testApp();
    const client = app.clientFor(app.owner, "http");
    const wrong = [
      [{ status: "offline" }, "status"],
      [{}, "status"],
      [{ status: "online", mood: "fine" }, "mood"],
      [{ status: "online", text: "a".repeat(STATUS_TEXT_MAX_CHARACTERS + 1) }, "text"],
      [{ status: "online", text: "two\nlines" }, "text"],
    ] as const;
    for (const [input, path] of wrong) {
      expect(await errorOf(client.presence.set.mutate(input as never))).toMatchObject({
        appCode: "invalid_input",
        issues: [{ path }],
      });
    }
  });

  it("PRS87 refuses an expiry that is invalid or in the past", async () => {
    await using app = await testApp();
    const client = app.clientFor(app.owner, "http");
    for (const textUntil of ["tomorrow", inMs(-1_000)]) {
      const refused = client.presence.set.mutate({ status: "online", text: "Lunch", textUntil });
      expect((await errorOf(refused)).issues?.[0]?.path).toBe("textUntil");
    }
    const textUntil = inMs(60_000);
    await client.presence.set.mutate({ status: "online", text: "  Lunch ", textUntil });
    const heard = await listen(app.clientFor(app.owner, "ws"));
    await waitFor(() => heard.stateOf(app.owner.id).text === "Lunch");
    expect(heard.stateOf(app.owner.id).textUntil).toBe(textUntil);
  });

  it("PRS88 is limited, and says how long to wait", async () => {
    await using app = await testApp();
    const client = app.clientFor(app.owner, "ws");
    const results = await Promise.allSettled(
      Array.from({ length: PRESENCE_RATE.burst + 1 }, () => client.presence.set.mutate({ status: "away" })),
    );
    const refused = results.filter((result) => result.status === "rejected");
    expect(refused.length).toBe(1);
    expect(refused[0]?.reason.data).toMatchObject({ appCode: "rate_limited" });
    expect(refused[0]?.reason.data.retryAfterMs).toBeGreaterThan(1_000);
  });

  it("PRS89 requires a sign-in", async () => {
    await using app = await testApp();
    const stranger = app.device().client("http");
    expect(await errorOf(stranger.presence.set.mutate({ status: "online" }))).toMatchObject({
      appCode: "unauthenticated",
    });
  });
});
