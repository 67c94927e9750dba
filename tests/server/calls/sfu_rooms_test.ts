import { describe, expect, it, vi } from "vitest";
import { SfuRooms } from "../../../server/calls/sfu_rooms.ts";
import { SfuTokens } from "../../../server/calls/sfu_tokens.ts";
import { newId } from "../../../shared/ids.ts";
import type { CallId, ParticipantId } from "../../../shared/ids.ts";
import { freePort } from "../../support/free_port.ts";
import { hasLiveKit, joinLiveKit, startLiveKit } from "../../support/livekit.ts";
import type { LiveKit } from "../../support/livekit.ts";

const isThere = await hasLiveKit();

/** What LiveKit says about a token before anybody joins. */
async function validate({ url }: LiveKit, token: string): Promise<number> {
  const response = await fetch(`${url.replace("ws:", "http:")}/rtc/validate?access_token=${token}`);
  await response.body?.cancel();
  return response.status;
}

describe.skipIf(!isThere)("LiveKit as in server/deploy", () => {
  it("believes our tokens, and none that is expired, changed or of another secret", async () => {
    await using server = await startLiveKit();
    const ids = [newId<CallId>(), newId<ParticipantId>()] as const;
    const rooms = new SfuRooms({ liveKit: server, now: Date.now });
    const { url, token } = await rooms.join(...ids);
    expect(url).toBe(server.url);
    expect(await validate(server, token)).toBe(200);
    const late = new SfuTokens(server, () => Date.now() - 12 * 60_000);
    expect(await validate(server, await late.join(...ids))).toBe(401);
    const early = new SfuTokens(server, () => Date.now() + 12 * 60_000);
    expect(await validate(server, await early.join(...ids))).toBe(401);
    const foreign = new SfuTokens(
      { key: server.key, secret: "the-secret-of-another-livekit-server" },
      Date.now,
    );
    expect(await validate(server, await foreign.join(...ids))).toBe(401);
    const unknown = new SfuTokens({ key: "other", secret: server.secret }, Date.now);
    expect(await validate(server, await unknown.join(...ids))).toBe(401);
    const [header, , signature] = token.split(".");
    const [, payload] = (await rooms.join(newId(), ids[1])).token.split(".");
    expect(await validate(server, `${header}.${payload}.${signature}`)).toBe(401);
  }, 60_000);

  it("lists who is connected, and takes out one participant, or all at the end", async () => {
    await using server = await startLiveKit();
    const rooms = new SfuRooms({ liveKit: server, now: Date.now });
    const callId = newId<CallId>();
    const [ana, bo, dara] = [newId<ParticipantId>(), newId<ParticipantId>(), newId<ParticipantId>()];
    const joinAs = async (id: ParticipantId, room = callId) =>
      await joinLiveKit(server.url, (await rooms.join(room, id)).token);
    await using anaDevice = await joinAs(ana);
    await using boDevice = await joinAs(bo);
    await using daraDevice = await joinAs(dara);
    await using elsewhere = await joinAs(bo, newId<CallId>());
    await rooms.remove(callId, bo);
    await vi.waitFor(() => expect(boDevice.hasEnded).toBe(true), { timeout: 10_000 });
    // Whoever kept a token comes back with it.
    await using _boAgain = await joinAs(bo);
    expect((await rooms.list(callId)).sort()).toEqual([ana, bo, dara].sort());
    expect([anaDevice.hasEnded, daraDevice.hasEnded, elsewhere.hasEnded]).toEqual([false, false, false]);
    await rooms.end(callId);
    await vi.waitFor(() => expect([anaDevice.hasEnded, daraDevice.hasEnded]).toEqual([true, true]), {
      timeout: 10_000,
    });
    expect(elsewhere.hasEnded).toBe(false);
    // Nothing is left to do.
    await rooms.remove(callId, bo);
    expect(await rooms.list(callId)).toEqual([]);
    await rooms.end(callId);
  }, 60_000);

  it("is known to be away, soon even while it is frozen", async () => {
    const server = await startLiveKit();
    const rooms = new SfuRooms({ liveKit: server, now: Date.now });
    expect(await rooms.isAlive()).toBe(true);
    // A signal takes its time to arrive.
    server.signal("SIGSTOP");
    await expect.poll(() => rooms.isAlive(), { timeout: 20_000 }).toBe(false);
    server.signal("SIGCONT");
    await expect.poll(() => rooms.isAlive(), { timeout: 20_000 }).toBe(true);
    await server[Symbol.asyncDispose]();
    expect(await rooms.isAlive()).toBe(false);
    await expect(rooms.remove(newId(), newId())).rejects.toThrow();
  }, 60_000);
});

describe("a LiveKit server that is none", () => {
  it("is away, and an error when it is asked for something", async () => {
    const rooms = new SfuRooms({
      liveKit: { url: `ws://127.0.0.1:${freePort()}`, key: "parley", secret: "s".repeat(32) },
      now: Date.now,
    });
    expect(await rooms.isAlive()).toBe(false);
    await expect(rooms.list(newId())).rejects.toThrow();
  });
});
