import { describe, expect, it, vi } from "vitest";
import { RowUpdates } from "../../../server/kv/row_updates.ts";
import { newId } from "../../../shared/ids.ts";
import type { SessionId, TokenId } from "../../../shared/ids.ts";
import { RawSocket } from "../../support/raw_socket.ts";
import { testApp } from "../../support/test_app.ts";
import type { TestApp } from "../../support/test_app.ts";
import { waitFor } from "../../support/wait.ts";

/** Every procedure that updates a single row, with input that makes two calls update the same row. */
const CHANGES: Readonly<Record<string, (app: TestApp) => unknown>> = {
  "auth.revokeSession": () => ({ sessionId: newId<SessionId>() }),
  "presence.set": () => ({ status: "online", text: "Lunch" }),
  "rooms.markRead": async (app) => ({ roomId: await general(app), offset: 1 }),
  "rooms.setLevel": async (app) => ({ roomId: await general(app), level: "none" }),
  "tokens.create": () => ({ label: "Robot" }),
  "tokens.revoke": () => ({ tokenId: newId<TokenId>() }),
  "users.deactivate": async (app) => ({ userId: (await app.person("Ben")).id }),
  "users.makeResetLink": async (app) => ({ userId: (await app.person("Ben")).id }),
  "users.rename": () => ({ name: "Anna" }),
  "users.setRole": async (app) => ({ userId: (await app.person("Ben")).id, role: "admin" }),
  "workspace.update": () => ({ name: "Harbour" }),
};

async function general(app: TestApp): Promise<string> {
  return (await app.owner.api.rooms.list.query())[0]?.id ?? "";
}

interface Update {
  readonly signal: AbortSignal | undefined;
  readonly ended: Promise<void>;
  isBegun: boolean;
}

/** Records row updates in the order of their calls; those that begin wait for `letGo`. */
function watchUpdates() {
  const run = RowUpdates.prototype.run;
  const gate = Promise.withResolvers<void>();
  const updates: Update[] = [];
  const spy = vi.spyOn(RowUpdates.prototype, "run");
  spy.mockImplementation(function (this: RowUpdates, key, attempt, signal) {
    const ended = Promise.withResolvers<void>();
    const update: Update = { signal, ended: ended.promise, isBegun: false };
    updates.push(update);
    return run.call(this, key, async () => {
      update.isBegun = true;
      await gate.promise;
      return await attempt();
    }, signal).finally(ended.resolve);
  });
  return { updates, letGo: () => gate.resolve(), [Symbol.dispose]: () => spy.mockRestore() };
}

describe("a change that waits for its turn", () => {
  it.each(Object.keys(CHANGES))("%s does not begin for a closed socket", async (path) => {
    await using app = await testApp();
    const input = await CHANGES[path]?.(app);
    const first = await RawSocket.open(app.owner.device);
    const second = await RawSocket.open(app.owner.device);
    using watch = watchUpdates();
    const call = { method: "mutation", params: { path, input } };
    first.send({ id: 1, ...call });
    await waitFor(() => watch.updates[0]?.isBegun === true, { what: "the first has its turn" });
    second.send({ id: 2, ...call });
    const waiting = await waitFor(() => watch.updates[1], { what: "the second waits" });
    second.terminate();
    await waitFor(() => waiting.signal?.aborted === true, { what: "the second is given up" });
    watch.letGo();
    await waiting.ended;
    expect(waiting.isBegun).toBe(false);
    await waitFor(() => first.texts.length === 1, { what: "the first is answered" });
  });
});
