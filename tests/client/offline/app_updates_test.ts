import { signal } from "@preact/signals";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AppUpdates } from "../../../client/offline/app_updates.ts";
import type { WorkerContainer } from "../../../client/offline/app_updates.ts";

const A = ["/static/app-A.js", "/static/app-A.css"];
const B = ["/static/app-B.js", "/static/app-A.css"];

/** A browser's worker of some build. */
class FakeContainer extends EventTarget {
  controller = workerOf(A);

  replace(files: readonly string[]): void {
    this.controller = workerOf(files);
    this.dispatchEvent(new Event("controllerchange"));
  }
}

function workerOf(files: readonly string[]) {
  return {
    postMessage: (_data: unknown, [port]: MessagePort[]) => {
      port?.postMessage({ version: "v", page: "", files });
      port?.close();
    },
  };
}

async function open({ isQuiet = () => true, register = null }: {
  isQuiet?: () => boolean;
  register?: (() => Promise<{ update(): Promise<ServiceWorkerRegistration> }>) | null;
} = {}) {
  const container = new FakeContainer();
  const isConnected = signal(true);
  const update = vi.fn(() => Promise.reject(new TypeError("offline")));
  const reload = vi.fn();
  const updates = new AppUpdates({
    container: container as unknown as WorkerContainer,
    register: register ?? (() => Promise.resolve({ update })),
    isConnected,
    ownFiles: A,
    isQuiet,
    reload,
  });
  await updates.start();
  return { container, isConnected, update, reload, updates };
}

/** Waits until a tab has moved to another build. */
async function moves({ reload }: Pick<Awaited<ReturnType<typeof open>>, "reload">): Promise<void> {
  await vi.waitFor(() => {
    vi.advanceTimersByTime(5_000);
    expect(reload).toHaveBeenCalledTimes(1);
  });
}

describe("updates of the app", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "Date"] }));
  afterEach(() => void vi.useRealTimers());

  it("reload an outdated tab once, at a quiet moment and not before", async () => {
    let isQuiet = false;
    using tab = await open({ isQuiet: () => isQuiet }).then((opened) =>
      Object.assign(opened.updates, opened)
    );
    vi.advanceTimersByTime(60_000);
    expect(tab.reload).not.toHaveBeenCalled();
    tab.container.replace(B);
    // The answer of the worker comes in a message.
    await vi.waitFor(() => {
      isQuiet = true;
      vi.advanceTimersByTime(5_000);
      expect(tab.reload).toHaveBeenCalledTimes(1);
    });
    vi.advanceTimersByTime(600_000);
    expect(tab.reload).toHaveBeenCalledTimes(1);
  });

  it("leave a tab alone that runs the build of the worker, and one that is busy", async () => {
    using current = (await open()).updates;
    const busy = await open({ isQuiet: () => false });
    using _busy = busy.updates;
    busy.container.replace(B);
    vi.advanceTimersByTime(3_000_000);
    expect(busy.reload).not.toHaveBeenCalled();
    expect(current).toBeDefined();
  });

  it("wait for the connection, since a page that is opened without it is empty", async () => {
    const { container, isConnected, reload, updates } = await open();
    using _updates = updates;
    isConnected.value = false;
    container.replace(B);
    // Another tab that has the connection moves on, so this one has its answer too.
    const other = await open();
    using _other = other.updates;
    other.container.replace(B);
    await moves(other);
    expect(reload).not.toHaveBeenCalled();
    isConnected.value = true;
    await moves({ reload });
  });

  it("are found though the worker that was asked first ended without an answer", async () => {
    const { container, isConnected, reload, update, updates } = await open();
    using _updates = updates;
    container.controller = { postMessage: (_data, ports) => ports[0]?.close() };
    container.dispatchEvent(new Event("controllerchange"));
    vi.advanceTimersByTime(5_000);
    expect(reload).not.toHaveBeenCalled();
    // As when the browser tells nothing of the next worker.
    container.controller = workerOf(B);
    await moves({ reload });
    isConnected.value = false;
    vi.advanceTimersByTime(60_000);
    isConnected.value = true;
    expect(update).toHaveBeenCalledTimes(1);
  });

  it("count by the last worker, also when an earlier one answers later", async () => {
    const { container, reload, updates } = await open();
    using _updates = updates;
    const late: MessagePort[] = [];
    container.controller = { postMessage: (_data, ports) => void late.push(...ports) };
    container.dispatchEvent(new Event("controllerchange"));
    container.replace(A);
    // The port of the first question is closed, so nothing of this arrives.
    for (const port of late) port.postMessage({ version: "v", page: "", files: B });
    const other = await open();
    using _other = other.updates;
    other.container.replace(B);
    await moves(other);
    expect(reload).not.toHaveBeenCalled();
    for (const port of late) port.close();
  });

  it("are looked for when the connection is back, at most once a minute, and each hour", async () => {
    const { isConnected, update, updates } = await open();
    using _updates = updates;
    const reconnect = () => {
      isConnected.value = false;
      isConnected.value = true;
    };
    reconnect();
    expect(update).toHaveBeenCalledTimes(0);
    vi.advanceTimersByTime(60_000);
    reconnect();
    reconnect();
    expect(update).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(3_600_000);
    expect(update).toHaveBeenCalledTimes(2);
  });

  it("are none where workers are forbidden, and end with the session", async () => {
    const forbidden = await open({ register: () => Promise.reject(new DOMException("", "SecurityError")) });
    forbidden.updates[Symbol.dispose]();
    const ended = await open();
    ended.updates[Symbol.dispose]();
    ended.container.replace(B);
    vi.advanceTimersByTime(4_000_000);
    expect([ended.reload.mock.calls, ended.update.mock.calls]).toEqual([[], []]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
