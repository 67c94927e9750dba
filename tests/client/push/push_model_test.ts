import { afterEach, describe, expect, it, vi } from "vitest";
import type { DeviceSubscription, PushDevice } from "../../../client/push/push_device.ts";
import { PushModel } from "../../../client/push/push_model.ts";
import type { PushModelOptions } from "../../../client/push/push_model.ts";
import { ANA, BEN } from "../rooms/rooms_kit.ts";

const KEY = "server key";

/** A browser, its push service and the server, either of which can be out of reach. */
function open() {
  const world = {
    isServerThere: true,
    isServiceThere: true,
    publicKey: KEY as string | null,
    count: 0,
    shown: new Set<string>(),
  };
  const stored = new Map<string, string>();
  const told: string[] = [];
  let current: DeviceSubscription | null = null;
  const reachService = () =>
    world.isServiceThere ? Promise.resolve() : Promise.reject(new DOMException("Network"));
  const device: PushDevice = {
    obstacle: null,
    permission: () => "granted",
    ask: () => Promise.resolve("granted"),
    find: () => Promise.resolve(current),
    subscribe: async (publicKey) => {
      await reachService();
      return current ??= {
        endpoint: `endpoint ${++world.count}`,
        keys: { p256dh: "p", auth: "a" },
        isFor: (key) => key === publicKey,
        end: async () => {
          await reachService();
          current = null;
        },
      };
    },
    isShown: (tag) => Promise.resolve(world.shown.has(tag)),
    clear: (tag = "") => Promise.resolve(void world.shown.delete(tag)),
  };
  const api = {
    key: {
      query: () =>
        world.isServerThere
          ? Promise.resolve({ publicKey: world.publicKey })
          : Promise.reject(new TypeError("Failed to fetch")),
    },
    subscribe: {
      mutate: ({ subscription }: { subscription: { endpoint: string } }) =>
        Promise.resolve(void told.push(subscription.endpoint)),
    },
    test: { mutate: () => Promise.resolve(null) },
  };
  const modelOf = (me: PushModelOptions["me"]) =>
    new PushModel({
      api: api as unknown as PushModelOptions["api"],
      device,
      storage: {
        getItem: (key) => stored.get(key) ?? null,
        setItem: (key, value) => void stored.set(key, value),
        removeItem: (key) => void stored.delete(key),
      },
      me,
    });
  return { world, told, modelOf };
}

describe("PushModel", () => {
  afterEach(() => void vi.useRealTimers());

  it("never uses the subscription that another user has left", async () => {
    const { world, told, modelOf } = open();
    const ana = modelOf(ANA);
    await ana.load();
    await ana.turnOn();
    expect([ana.state.value, ...told]).toEqual(["on", "endpoint 1"]);
    world.isServiceThere = false;
    const ben = modelOf(BEN);
    await ben.start().catch(() => {});
    await ben.load();
    await ben.turnOn();
    expect([ben.state.value, ben.notice.value, ...told]).toEqual([
      "off",
      "This browser could not reach its push service. Try again later.",
      "endpoint 1",
    ]);
    world.isServiceThere = true;
    await ben.turnOn();
    expect([ben.state.value, ben.notice.value, ...told]).toEqual(["on", null, "endpoint 1", "endpoint 2"]);
    await modelOf(BEN).start();
    expect(told).toEqual(["endpoint 1", "endpoint 2", "endpoint 2"]);
  });

  it("asks for the key again when it is switched on, and says why it cannot be", async () => {
    const { world, told, modelOf } = open();
    world.isServerThere = false;
    const model = modelOf(ANA);
    await model.load();
    await model.turnOn();
    expect([model.state.value, told.length]).toEqual(["off", 0]);
    expect(model.notice.value).toMatch(/^The server cannot be reached/);
    world.isServerThere = true;
    await model.turnOn();
    expect([model.state.value, model.notice.value, told.length]).toEqual(["on", null, 1]);
  });

  it("says that push is off if the server has switched it off meanwhile", async () => {
    const { world, modelOf } = open();
    world.isServerThere = false;
    const model = modelOf(ANA);
    await model.load();
    Object.assign(world, { isServerThere: true, publicKey: null });
    await model.turnOn();
    expect(model.state.value).toBe("server_off");
  });

  it("stays on if only its renewal fails", async () => {
    const { world, told, modelOf } = open();
    const before = modelOf(ANA);
    await before.load();
    await before.turnOn();
    world.isServerThere = false;
    const model = modelOf(ANA);
    await model.start();
    expect([model.state.value, told.length]).toEqual(["on", 1]);
    expect(model.notice.value).toMatch(/^The server cannot be reached/);
    const other = modelOf(BEN);
    await other.load();
    expect(other.state.value).toBe("off");
  });

  it("says whether a test has arrived", async () => {
    vi.useFakeTimers();
    const { world, modelOf } = open();
    const model = modelOf(ANA);
    await model.load();
    await model.turnOn();
    world.shown.add("test");
    await model.test();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(model.notice.value, "the one before does not count").toBe(
      "Sent. It should be here in a few seconds.",
    );
    world.shown.add("test");
    await vi.advanceTimersByTimeAsync(500);
    expect(model.notice.value).toMatch(/^It has arrived/);

    await model.test();
    await vi.advanceTimersByTimeAsync(16_000);
    expect(model.notice.value).toMatch(/^If nothing has come, the push service/);
    expect([vi.getTimerCount(), model.isBusy.value]).toEqual([0, false]);

    await model.test();
    await model.end();
    expect(vi.getTimerCount()).toBe(0);
  });
});
