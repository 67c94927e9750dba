import { describe, expect, it } from "vitest";
import { REVOKE_WITHIN_MS } from "../../../shared/limits.ts";
import { RawClient, rawFrame } from "../../support/raw_client.ts";
import { testApp } from "../../support/test_app.ts";
import type { Person, TestApp } from "../../support/test_app.ts";
import { waitFor } from "../../support/wait.ts";

async function socketOf(app: TestApp, person: Person): Promise<RawClient> {
  const client = await RawClient.dial(app.port, person.device.address);
  await client.upgrade({ Origin: app.url, Cookie: person.device.cookie ?? "" });
  client.write(
    rawFrame(JSON.stringify({ id: 1, method: "subscription", params: { path: "presence.onPresence" } })),
  );
  await waitFor(() => client.text.includes('"snapshot"'));
  return client;
}

async function streamOf(app: TestApp, person: Person): Promise<RawClient> {
  const client = await RawClient.dial(app.port, person.device.address);
  client.request([
    "GET /trpc/presence.onPresence HTTP/1.1",
    "Host: 127.0.0.1",
    `Cookie: ${person.device.cookie}`,
    "Accept: text/event-stream",
  ]);
  await waitFor(() => client.text.includes('"snapshot"'));
  return client;
}

describe("the end of a session", () => {
  const ends: Record<string, [code: number, (app: TestApp, ben: Person) => Promise<unknown>]> = {
    "signing out": [4501, (_app, ben) => ben.api.auth.signOut.mutate()],
    "revoking it": [
      4501,
      (_app, ben) => ben.api.auth.revokeSession.mutate({ sessionId: ben.me.sessionId ?? "" as never }),
    ],
    "deactivation": [4502, (app, ben) => app.owner.api.users.deactivate.mutate({ userId: ben.id })],
  };
  for (const [name, [code, end]] of Object.entries(ends)) {
    it(`T03 by ${name} closes sockets with ${code} and streams, within a second`, async () => {
      await using app = await testApp();
      const ben = await app.person("Ben");
      const cleo = await app.person("Cleo");
      await using socket = await socketOf(app, ben);
      await using stream = await streamOf(app, ben);
      await using bystander = await socketOf(app, cleo);
      const { cookie } = ben.device;
      await end(app, ben);
      const timeoutMs = REVOKE_WITHIN_MS;
      await waitFor(() => socket.closeCode === code, { timeoutMs });
      await stream.closed(timeoutMs);
      expect(bystander.closeCode).toBe(0);
      // The old credential reads nothing more, and cannot connect again.
      const { byteCount } = socket;
      app.services.hub.publish("presence", { value: { type: "diff", states: [] }, offset: 0 });
      await using again = await RawClient.dial(app.port, ben.device.address);
      await again.upgrade({ Origin: app.url, Cookie: cookie ?? "" });
      expect([again.status, JSON.parse(again.body).error.data.appCode]).toEqual([401, "unauthenticated"]);
      expect(socket.byteCount).toBe(byteCount);
    });
  }

  it("of one device leaves the others alone", async () => {
    await using app = await testApp();
    const ben = await app.person("Ben");
    const phone = app.device();
    await phone.client("http").auth.signIn.mutate({ name: "Ben", password: ben.password ?? "" });
    await using laptop = await socketOf(app, ben);
    await using mobile = await socketOf(app, { ...ben, device: phone });
    await phone.client("http").auth.signOut.mutate();
    await waitFor(() => mobile.closeCode === 4501);
    expect(laptop.closeCode).toBe(0);
  });

  it("is acknowledged on the socket that it closes", async () => {
    await using app = await testApp();
    const ben = await app.person("Ben");
    await using socket = await socketOf(app, ben);
    const params = { path: "auth.revokeSession", input: { sessionId: ben.me.sessionId } };
    socket.write(rawFrame(JSON.stringify({ id: 2, method: "mutation", params })));
    await waitFor(() => socket.closeCode === 4501);
    expect(socket.text).toContain('{"id":2,"result":{"type":"data","data":null}}');
  });

  it("closes the connections of a revoked token", async () => {
    await using app = await testApp();
    const { id, token } = await app.owner.api.tokens.create.mutate({ label: "Bot" });
    await using client = await RawClient.dial(app.port, app.device().address);
    await client.upgrade({ Authorization: `Bearer ${token}` });
    await app.owner.api.tokens.revoke.mutate({ tokenId: id });
    await waitFor(() => client.closeCode === 4501, { timeoutMs: REVOKE_WITHIN_MS });
  });

  it("answers a long poll of a revoked token with 401", async () => {
    await using app = await testApp();
    const [room] = await app.owner.api.rooms.list.query();
    const roomId = room?.id ?? "" as never;
    const { position } = await app.owner.api.messages.list.query({ roomId });
    const { id, token } = await app.owner.api.tokens.create.mutate({ label: "Script" });
    const input = encodeURIComponent(JSON.stringify({ roomId, position, waitMs: 20_000 }));
    const asked = app.device().fetch(`/trpc/messages.since?input=${input}`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    await waitFor(() => app.services.hub.hasSubscribers(`room:${roomId}`));
    await app.owner.api.tokens.revoke.mutate({ tokenId: id });
    const answer = await asked;
    expect([answer.status, (await answer.json()).error.data.appCode]).toEqual([401, "unauthenticated"]);
    await waitFor(() => !app.services.hub.hasSubscribers(`room:${roomId}`));
  });
});
