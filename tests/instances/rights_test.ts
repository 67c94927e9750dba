import { TRPCClientError } from "@trpc/client";
import { describe, expect, it } from "vitest";
import { REVOKE_WITHIN_MS } from "../../shared/limits.ts";
import type { RoomId } from "../../shared/ids.ts";
import type { KvFeed } from "../../server/streams/kv_feed.ts";
import { hasDenokv } from "../support/denokv.ts";
import { RawClient, rawFrame } from "../support/raw_client.ts";
import { Device } from "../support/test_clients.ts";
import type { Person } from "../support/test_app.ts";
import { twoInstances } from "../support/two_instances.ts";
import type { TwoInstances } from "../support/two_instances.ts";
import { waitFor } from "../support/wait.ts";

const isPossible = await hasDenokv();

function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "ok",
    (error) => error instanceof TRPCClientError ? error.data?.appCode : String(error),
  );
}

/** A socket of somebody on the second instance that follows a room. */
async function followOnB(pair: TwoInstances, person: Person, roomId: RoomId): Promise<RawClient> {
  const client = await RawClient.dial(pair.portOf("b"), person.device.address);
  const origin = `http://127.0.0.1:${pair.portOf("b")}`;
  await client.upgrade({ Origin: origin, Cookie: person.device.cookie ?? "" });
  for (const [id, path] of [[1, "messages.onEvent"], [2, "typing.onTyping"]] as const) {
    const params = { path, input: { roomId } };
    client.write(rawFrame(JSON.stringify({ id, method: "subscription", params })));
  }
  await waitFor(() => client.text.includes('"subscribed"'));
  return client;
}

describe.skipIf(!isPossible)("rights on two instances", () => {
  it("INST5 what one grants works on the other immediately", async () => {
    await using pair = await twoInstances();
    const { owner } = pair.app;
    const ownerOnB = pair.client("b", owner, "http");
    const invite = (await pair.client("a", owner, "http").invites.create.mutate({ role: "member" })).code;
    const newcomer = new Device(`http://127.0.0.1:${pair.portOf("b")}`, "127.1.250.1");
    const ben = await newcomer.client("http").auth.register.mutate({
      invite,
      name: "Ben",
      password: "nine blue kettles",
    });
    const benOnA = new Device(`http://127.0.0.1:${pair.portOf("a")}`, "127.1.250.1");
    benOnA.cookie = newcomer.cookie;
    expect((await benOnA.client("http").auth.me.query())?.name).toBe("Ben");
    // Refused on both first, so that a refusal that was kept would show.
    const room = await pair.client("a", owner, "http").rooms.create.mutate({
      name: "Vault",
      kind: "private",
    });
    for (const device of [benOnA, newcomer]) {
      expect(await codeOf(device.client("http").rooms.get.query({ roomId: room.id }))).toBe("not_found");
    }
    await ownerOnB.rooms.addMember.mutate({ roomId: room.id, userId: ben.id });
    expect(await codeOf(benOnA.client("http").messages.list.query({ roomId: room.id }))).toBe("ok");
    await pair.client("a", owner, "http").users.setRole.mutate({ userId: ben.id, role: "admin" }).catch(
      () => {},
    );
    await ownerOnB.rooms.removeMember.mutate({ roomId: room.id, userId: ben.id });
    await waitFor(
      async () =>
        await codeOf(benOnA.client("http").messages.list.query({ roomId: room.id })) === "not_found",
      { timeoutMs: REVOKE_WITHIN_MS },
    );
    for (const device of [benOnA, newcomer]) await device[Symbol.asyncDispose]();
  });

  it("INST21 T03 a removal that the other has not received yet still keeps messages out", async () => {
    await using pair = await twoInstances();
    const { owner } = pair.app;
    const ben = await pair.app.person("Ben");
    const onA = pair.client("a", owner, "http");
    const benOnB = pair.client("b", ben, "http");
    const { id: roomId } = await onA.rooms.create.mutate({ name: "Vault", kind: "private" });
    await onA.rooms.addMember.mutate({ roomId, userId: ben.id });
    const { offset } = await pair.client("a", ben, "http").messages.send.mutate({
      roomId,
      clientMessageId: "before",
      text: "Here I am",
    });
    // From here on the second instance hears nothing, as if the bell of the removal were late.
    await (pair.b.services.feed as KvFeed).stop();
    // It knows that Ben is in the room.
    expect(await codeOf(benOnB.messages.list.query({ roomId }))).toBe("ok");
    await onA.rooms.removeMember.mutate({ roomId, userId: ben.id });
    const acts = [
      benOnB.messages.send.mutate({ roomId, clientMessageId: "after", text: "Still here" }),
      benOnB.messages.edit.mutate({ roomId, offset, text: "Was here" }),
      benOnB.messages.react.mutate({ roomId, offset, emoji: "👍", on: true }),
    ];
    expect(await Promise.all(acts.map(codeOf))).toEqual(["not_found", "not_found", "not_found"]);
    const { messages } = await onA.messages.list.query({ roomId });
    expect(messages.map(({ text, reactions }) => [text, reactions.length])).toEqual([["Here I am", 0]]);
  });

  it("INST6 T03 a removal on one ends subscriptions on the other within a second, and nothing comes after", async () => {
    await using pair = await twoInstances();
    const { owner } = pair.app;
    const [ben, cleo] = [await pair.app.person("Ben"), await pair.app.person("Cleo")];
    const onA = pair.client("a", owner, "http");
    const { id: roomId } = await onA.rooms.create.mutate({ name: "Vault", kind: "private" });
    for (const { id } of [ben, cleo]) await onA.rooms.addMember.mutate({ roomId, userId: id });
    await using removed = await followOnB(pair, ben, roomId);
    await using stays = await followOnB(pair, cleo, roomId);
    const sending = (async () => {
      for (let index = 0; index < 15; index++) {
        await onA.messages.send.mutate({ roomId, clientMessageId: `m${index}`, text: `Secret ${index}` });
      }
    })();
    await waitFor(() => removed.text.includes("Secret 3"));
    await onA.rooms.removeMember.mutate({ roomId, userId: ben.id });
    await waitFor(() => removed.text.includes('"not_found"'), { timeoutMs: REVOKE_WITHIN_MS });
    await sending;
    await onA.typing.set.mutate({ roomId, isTyping: true });
    await waitFor(() => stays.text.includes("Secret 14") && stays.text.includes('"isTyping":true'));
    const leftAt = (await onA.messages.since.query({ roomId, position: await positionOf(pair, roomId, 1) }))
      .events.find((event) => event.type === "member_left")?.offset ?? 0;
    const seen = [...removed.text.matchAll(/"id":"[\w-]+\.(\d+)"/g)].map(([, offset]) => Number(offset));
    expect(Math.max(...seen)).toBeLessThanOrEqual(leftAt);
    expect(removed.text).not.toContain('"isTyping":true');
    expect(removed.closeCode).toBe(0);
  });

  const ends: Record<string, [number, (pair: TwoInstances, ben: Person) => Promise<unknown>]> = {
    "signing out": [4501, (pair, ben) => pair.client("a", ben, "http").auth.signOut.mutate()],
    "deactivation": [
      4502,
      (pair, ben) => pair.client("a", pair.app.owner, "http").users.deactivate.mutate({ userId: ben.id }),
    ],
    "a new password": [
      4501,
      async (pair, ben) => {
        const device = pair.deviceAt("a", ben);
        device.cookie = null;
        await device.client("http").auth.signIn.mutate({ name: "Ben", password: ben.password ?? "" });
        await device.client("http").auth.changePassword.mutate({
          current: ben.password ?? "",
          next: "ten grey lanterns",
        });
      },
    ],
  };
  for (const [name, [code, end]] of Object.entries(ends)) {
    it(`INST7 T03 ${name} on one closes connections on the other with ${code} within a second`, async () => {
      await using pair = await twoInstances();
      const ben = await pair.app.person("Ben");
      const roomId = (await ben.api.rooms.list.query())[0]?.id as RoomId;
      await using socket = await followOnB(pair, ben, roomId);
      await end(pair, ben);
      await waitFor(() => socket.closeCode === code, { timeoutMs: REVOKE_WITHIN_MS });
      expect(await codeOf(pair.client("b", ben, "http").rooms.list.query())).toBe("unauthenticated");
    });
  }

  it("INST8 T23 failed sign-ins of both count together", async () => {
    await using pair = await twoInstances();
    const ben = await pair.app.person("Ben");
    const stranger = pair.app.device();
    const answers: string[] = [];
    for (let index = 0; index < 8; index++) {
      const device = new Device(
        `http://127.0.0.1:${pair.portOf(index % 2 === 0 ? "a" : "b")}`,
        stranger.address,
      );
      answers.push(
        await codeOf(device.client("http").auth.signIn.mutate({ name: "Ben", password: "wrong wrong" })),
      );
      await device[Symbol.asyncDispose]();
    }
    expect(answers.filter((code) => code === "bad_credentials").length).toBe(5);
    expect(answers.slice(5)).toEqual(["rate_limited", "rate_limited", "rate_limited"]);
    // From elsewhere the right password still opens the door.
    const elsewhere = pair.deviceAt("b", { ...ben, device: pair.app.device() });
    elsewhere.cookie = null;
    expect(
      await codeOf(
        elsewhere.client("http").auth.signIn.mutate({ name: "Ben", password: ben.password ?? "" }),
      ),
    ).toBe("ok");
  });

  it("INST9 the last use of an invitation succeeds once", async () => {
    await using pair = await twoInstances();
    const { code } = await pair.app.owner.api.invites.create.mutate({ role: "member", maxUses: 1 });
    const devices = (["a", "b", "a", "b"] as const).map((instance, index) =>
      new Device(`http://127.0.0.1:${pair.portOf(instance)}`, `127.1.251.${index + 1}`)
    );
    const answers = await Promise.all(devices.map((device, index) =>
      codeOf(
        device.client("http").auth.register.mutate({
          invite: code,
          name: `Newcomer ${index}`,
          password: "nine blue kettles",
        }),
      )
    ));
    expect(answers.filter((answer) => answer === "ok").length).toBe(1);
    expect(answers.filter((answer) => answer === "invite_invalid").length).toBe(3);
    for (const device of devices) await device[Symbol.asyncDispose]();
  });
});

async function positionOf(pair: TwoInstances, roomId: RoomId, offset: number): Promise<string> {
  const { position } = await pair.app.owner.api.messages.list.query({ roomId });
  return `${position.split(".")[0]}.${offset}`;
}
