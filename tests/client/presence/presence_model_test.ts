import { effect, signal } from "@preact/signals";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { AppError } from "../../../shared/errors.ts";
import type { UserId } from "../../../shared/ids.ts";
import { PRESENCE_LEASE_MS } from "../../../shared/limits.ts";
import { offlineState, SNAPSHOT_MIN_CHANGE_COUNT, toSnapshot } from "../../../shared/presence.ts";
import type { PresenceState, PresenceUpdate } from "../../../shared/presence.ts";
import { describePresence } from "../../../client/presence/describe_presence.ts";
import type { Inputs, Trpc } from "../../../client/net/trpc.ts";
import { PresenceModel } from "../../../client/presence/presence_model.ts";

const me = "me00000000000000" as UserId;
const ana = "ana0000000000000" as UserId;
const bo = "bo00000000000000" as UserId;

type Handlers = Parameters<Trpc["presence"]["onPresence"]["subscribe"]>[1];

/** A server that notes what it is told; `refusal` is thrown at the next call. */
class Server implements Pick<Trpc["presence"], "set" | "onPresence"> {
  readonly said: Inputs["presence"]["set"][] = [];
  readonly open: Handlers[] = [];
  refusal: Error | null = null;

  readonly set = {
    mutate: (input: Inputs["presence"]["set"]) => {
      this.said.push(input);
      const refusal = this.refusal;
      this.refusal = null;
      return refusal === null ? Promise.resolve(null) : Promise.reject(refusal);
    },
  };

  readonly onPresence = {
    subscribe: (_input: undefined, handlers: Handlers) => {
      this.open.push(handlers);
      return { unsubscribe: () => void this.open.splice(this.open.indexOf(handlers), 1) };
    },
  };

  statuses(): string[] {
    return this.said.map((one) => one.status);
  }
}

function state(userId: UserId, changes: Partial<PresenceState> = {}): PresenceState {
  return { ...offlineState(userId), status: "online", ...changes };
}

function crowdOf(count: number): PresenceState[] {
  return Array.from({ length: count }, (_, index) => state(`person${index}` as UserId));
}

function setup(options: { hasSocket?: boolean; isConnected?: boolean } = {}) {
  const server = new Server();
  const isIdle = signal(false);
  const isConnected = signal(options.isConnected ?? true);
  const hasSocket = signal(options.hasSocket ?? true);
  const onRoleChanged = vi.fn();
  const onDeactivated = vi.fn();
  const model = new PresenceModel({
    api: server,
    me,
    isIdle,
    isConnected,
    hasSocket,
    onRoleChanged,
    onDeactivated,
  });
  model.start();
  onTestFinished(() => model[Symbol.dispose]());
  const hear = (type: PresenceUpdate["type"], ...states: PresenceState[]) => {
    server.open[0]?.onData?.(type === "diff" ? { type, states } : toSnapshot(states));
  };
  return { server, model, onRoleChanged, onDeactivated, isIdle, isConnected, hasSocket, hear };
}

describe("PresenceModel", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    onTestFinished(() => vi.useRealTimers());
  });

  it("PRS50 shows others by snapshot and diffs, also by diffs that overtake the snapshot", () => {
    const { model, hear } = setup();
    hear("diff", state(bo, { status: "away" }));
    expect(model.isReady.value).toBe(false);
    expect(model.stateOf(bo).status).toBe("offline");
    hear("snapshot", state(ana), state(bo));
    expect(model.isReady.value).toBe(true);
    expect(model.stateOf(bo).status).toBe("away");
    hear("diff", offlineState(ana));
    expect(model.stateOf(ana).status).toBe("offline");
  });

  it("tells of a possible change of role when the server starts over", () => {
    const { onRoleChanged, hear } = setup();
    hear("snapshot", state(ana));
    hear("diff", state(bo));
    expect(onRoleChanged).not.toHaveBeenCalled();
    hear("snapshot", state(ana));
    expect(onRoleChanged).toHaveBeenCalledTimes(1);
  });

  it("does not take the snapshots of a large team for changes of role, except to or from few people", () => {
    const { onRoleChanged, hear } = setup();
    const crowd = crowdOf(300);
    hear("snapshot", ...crowd);
    hear("snapshot", ...crowdOf(300 + SNAPSHOT_MIN_CHANGE_COUNT));
    hear("snapshot", ...crowd);
    expect(onRoleChanged).not.toHaveBeenCalled();
    hear("snapshot", state(ana), state(bo));
    expect(onRoleChanged).toHaveBeenCalledTimes(1);
    hear("snapshot", ...crowd);
    expect(onRoleChanged).toHaveBeenCalledTimes(2);
  });

  it("tells a change of role in a large team by a snapshot that changes few people", () => {
    const { onRoleChanged, hear } = setup();
    hear("snapshot", ...crowdOf(300));
    hear("snapshot", ...crowdOf(300));
    expect(onRoleChanged).toHaveBeenCalledTimes(1);
    hear("snapshot", ...crowdOf(299 + SNAPSHOT_MIN_CHANGE_COUNT));
    expect(onRoleChanged).toHaveBeenCalledTimes(2);
  });

  it("tells whose account was deactivated, once", () => {
    const { onDeactivated, hear } = setup();
    hear("snapshot", state(ana), state(bo));
    hear("diff", offlineState(ana), { ...offlineState(bo), isDeactivated: true });
    expect(onDeactivated.mock.calls).toEqual([[bo]]);
  });

  it("PRS51 tells a view of its own person alone", () => {
    const { model, hear } = setup();
    hear("snapshot", state(ana));
    const seen: string[] = [];
    const nobody: string[] = [];
    onTestFinished(effect(() => void seen.push(model.signalOf(ana).value.status)));
    onTestFinished(effect(() => void nobody.push(model.signalOf("nobody" as UserId).value.status)));
    hear("diff", state(bo));
    hear("diff", state(ana, { status: "away" }));
    expect(seen).toEqual(["online", "away"]);
    expect(nobody).toEqual(["offline"]);
  });

  it("PRS52 says that the person is there, once for all reasons to say so", async () => {
    const { server, isIdle } = setup();
    isIdle.value = true;
    isIdle.value = false;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.statuses()).toEqual(["online"]);
    isIdle.value = true;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.statuses()).toEqual(["online", "away"]);
  });

  it("PRS53 says nothing while nothing gets through, and says it again after each reconnect", async () => {
    const { server, isConnected, isIdle } = setup({ isConnected: false });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.said).toEqual([]);
    isConnected.value = true;
    await vi.advanceTimersByTimeAsync(1_000);
    isConnected.value = false;
    isIdle.value = true;
    await vi.advanceTimersByTimeAsync(1_000);
    isConnected.value = true;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(server.statuses()).toEqual(["online", "away"]);
  });

  it("PRS54 says it again when a snapshot shows it as less than it is, and only then", async () => {
    const { server, hear } = setup();
    await vi.advanceTimersByTimeAsync(1_000);
    hear("snapshot", state(me));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(server.said.length).toBe(1);
    hear("snapshot", state(ana));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(server.said.length).toBe(2);
  });

  it("PRS55 comes again within each lease where no socket says that the tab is open", async () => {
    const { server, hasSocket } = setup({ hasSocket: false });
    expect(server.open).toEqual([]);
    await vi.advanceTimersByTimeAsync(4 * PRESENCE_LEASE_MS);
    const count = server.said.length;
    expect(count).toBeGreaterThan(8);
    expect(count).toBeLessThan(16);
    hasSocket.value = true;
    expect(server.open.length).toBe(1);
    await vi.advanceTimersByTimeAsync(4 * PRESENCE_LEASE_MS);
    expect(server.said.length).toBeLessThanOrEqual(count + 1);
  });

  it("PRS56 waits as long as the server asks, then says what holds by then", async () => {
    const { server, isIdle } = setup();
    server.refusal = new AppError("rate_limited", "Too many requests", { retryAfterMs: 7_000 });
    await vi.advanceTimersByTimeAsync(1_000);
    isIdle.value = true;
    await vi.advanceTimersByTimeAsync(5_500);
    expect(server.statuses()).toEqual(["online"]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(server.statuses()).toEqual(["online", "away"]);
  });

  it("PRS57 sends a text with the status that holds, and passes a refusal on", async () => {
    const { server, model } = setup();
    await model.setText({ text: "Lunch", doNotDisturb: true });
    expect(server.said.at(-1)).toEqual({ status: "online", text: "Lunch", doNotDisturb: true });
    server.refusal = new AppError("storage_full", "Storage is full");
    await expect(model.setText({ text: "Lunch" })).rejects.toThrow("Storage is full");
  });

  it("PRS58 opens its subscription again after an error, and everything ends with dispose", async () => {
    const { server, model } = setup();
    const before = server.open[0];
    before?.onError?.(new AppError("too_many_subscriptions", "Too many"));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(server.open.length).toBe(1);
    expect(server.open[0]).not.toBe(before);
    model[Symbol.dispose]();
    expect(server.open).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("describePresence", () => {
  it("says what the dot shows by its shape", () => {
    expect(describePresence(state(ana))).toBe("Online");
    expect(describePresence(state(ana, { status: "away", doNotDisturb: true }))).toBe(
      "Away, do not disturb",
    );
  });
});
