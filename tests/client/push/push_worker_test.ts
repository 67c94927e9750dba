import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { NoticeData } from "../../../client/push/push_notice.ts";
import type { PushScope } from "../../../client/push/push_scope.ts";
import { PushWorker } from "../../../client/push/push_worker.ts";
import { OPENED_MESSAGE } from "../../../client/push/push_words.ts";
import { isId } from "../../../shared/ids.ts";

const ORIGIN = "https://chat.example";
const CALL: NoticeData = {
  kind: "call",
  url: "/r/a",
  callId: "call000000000000" as NoticeData["callId"] & string,
};

interface FakePage {
  readonly url: string;
  readonly focused: boolean;
  /** Whether somebody is signed in there. */
  readonly answers: boolean;
  readonly mayNavigate?: boolean;
}

/** The global scope of a worker, and everything that it did. */
function fakeScope(
  pages: readonly FakePage[] = [],
  shown: readonly { readonly tag: string; readonly kind: string }[] = [],
) {
  const did: unknown[] = [];
  const listeners = new Map<string, (event: object) => void>();
  const scope = {
    location: { origin: ORIGIN },
    navigator: {
      setAppBadge: (count?: number) => Promise.resolve(void did.push(["badge", count])),
      clearAppBadge: () => {
        did.push(["no badge"]);
        return Promise.reject(new DOMException("Not installed", "NotAllowedError"));
      },
    },
    clients: {
      matchAll: () =>
        Promise.resolve(pages.map(({ url, focused, answers, mayNavigate = true }) => ({
          url: ORIGIN + url,
          focused,
          visibilityState: "hidden",
          focus: () => Promise.reject(new DOMException("No gesture", "InvalidAccessError")),
          navigate: (to: string) =>
            mayNavigate
              ? Promise.resolve(void did.push(["navigate", url, to]))
              : Promise.reject(new TypeError("Not controlled")),
          postMessage: (message: unknown, ports: readonly MessagePort[] = []) => {
            did.push(["message", url, message]);
            if (answers) ports[0]?.postMessage(true);
            ports[0]?.close();
          },
        }))),
      openWindow: (url: string) => Promise.resolve(void did.push(["window", url])),
    },
    registration: {
      pushManager: {
        subscribe: (options: object) => {
          did.push(["subscribe", options]);
          return Promise.resolve(subscription("https://push.example/new"));
        },
      },
      showNotification: (title: string, { body }: { body: string }) =>
        Promise.resolve(void did.push(["show", title, body])),
      getNotifications: () =>
        Promise.resolve(
          shown.map(({ tag, kind }) => ({
            tag,
            data: { kind },
            close: () => void did.push(["close", tag, kind]),
          })),
        ),
    },
    addEventListener: (type: string, listener: (event: object) => void) => void listeners.set(type, listener),
  };
  new PushWorker(scope as unknown as PushScope).start();
  return {
    did,
    /** Gives the worker an event, and waits for its work. */
    async happen(type: string, event: object): Promise<void> {
      const work: Promise<unknown>[] = [];
      listeners.get(type)?.({ ...event, waitUntil: (one: Promise<unknown>) => void work.push(one) });
      await Promise.all(work);
    },
  };
}

const subscription = (endpoint: string) => ({
  options: { applicationServerKey: new ArrayBuffer(65) },
  toJSON: () => ({ endpoint, expirationTime: null, keys: { p256dh: "p", auth: "a" } }),
});
const clicked = (data: NoticeData, action = "") => ({
  action,
  notification: { title: "Ben", tag: "tag", body: "", data, close: () => {} },
});
const MESSAGE: NoticeData = { kind: "message", url: "/r/a/7" };

let requests: { path: string; body: unknown }[];
let isServerThere: boolean;

beforeEach(() => {
  requests = [];
  isServerThere = true;
  vi.stubGlobal("fetch", (path: string, { body }: { body: string }) => {
    requests.push({ path, body: JSON.parse(body) });
    return isServerThere ? Promise.resolve(new Response("{}")) : Promise.reject(new TypeError("Network"));
  });
});
afterEach(() => void vi.unstubAllGlobals());

describe("the worker", () => {
  it("opens a page where there is none of the app, and asks the one that has the focus otherwise", async () => {
    const alone = fakeScope([{ url: "/status", focused: true, answers: false }]);
    await alone.happen("notificationclick", clicked(MESSAGE));
    expect(alone.did).toEqual([["window", `${ORIGIN}/r/a/7`]]);

    const open = { type: "open", url: "/r/a/7", callId: null };
    const two = fakeScope([
      { url: "/", focused: false, answers: true },
      { url: "/r/b", focused: true, answers: true },
    ]);
    await two.happen("notificationclick", clicked(MESSAGE));
    expect(two.did).toEqual([["message", "/r/b", open]]);
  });

  it("moves a page that does not answer, or opens another if it may not", async () => {
    for (const mayNavigate of [true, false]) {
      vi.useFakeTimers();
      const mute = fakeScope([{ url: "/", focused: true, answers: false, mayNavigate }]);
      const work = mute.happen("notificationclick", clicked(MESSAGE));
      await vi.advanceTimersByTimeAsync(2_000);
      await work;
      vi.useRealTimers();
      const to = `${ORIGIN}/r/a/7`;
      expect(mute.did.at(-1)).toEqual(mayNavigate ? ["navigate", "/", to] : ["window", to]);
    }
  });

  it("tells the page that it opened which call it is for, once", async () => {
    const worker = fakeScope();
    await worker.happen("notificationclick", clicked(CALL, "accept"));
    const answers: unknown[] = [];
    const ask = () =>
      worker.happen("message", {
        data: OPENED_MESSAGE,
        ports: [{ postMessage: (answer: unknown) => answers.push(answer) }],
      });
    await ask();
    await ask();
    expect(answers).toEqual([CALL.callId, null]);
  });

  it("declines by one request, and says when that failed", async () => {
    const worker = fakeScope();
    await worker.happen("notificationclick", clicked(CALL, "decline"));
    const [request] = requests;
    const { tabId, ...input } = request?.body as { tabId: string };
    expect([request?.path, input]).toEqual([
      "/trpc/calls.decline",
      { callId: CALL.callId, reason: "declined" },
    ]);
    expect(isId(tabId)).toBe(true);
    expect(worker.did).toEqual([]);
    isServerThere = false;
    await worker.happen("notificationclick", clicked(CALL, "decline"));
    expect(worker.did).toEqual([["show", "Ben", "The call could not be declined."]]);
  });

  it("renews a subscription that the browser has dropped, and tells the server of one it has replaced", async () => {
    const worker = fakeScope();
    const oldSubscription = subscription("https://push.example/old");
    const { applicationServerKey } = oldSubscription.options;
    await worker.happen("pushsubscriptionchange", { oldSubscription });
    expect(worker.did).toEqual([["subscribe", { userVisibleOnly: true, applicationServerKey }]]);
    const newSubscription = subscription("https://push.example/given");
    await worker.happen("pushsubscriptionchange", { newSubscription });
    const told = (name: string) => ({
      path: "/trpc/push.subscribe",
      body: { subscription: { endpoint: `https://push.example/${name}`, keys: { p256dh: "p", auth: "a" } } },
    });
    expect(requests).toEqual([told("new"), told("given")]);
    await worker.happen("pushsubscriptionchange", {});
    expect(requests).toHaveLength(2);
  });

  it("shows what a page tells of as if it had been pushed, and nothing for other messages", async () => {
    const worker = fakeScope();
    const payload = {
      kind: "test",
      tag: "test",
      title: "Ben",
      body: "the tide is in",
      url: "/r/a/7",
      close: [],
    };
    await worker.happen("message", { data: { type: "tell", payload: JSON.stringify(payload) }, ports: [] });
    await worker.happen("message", { data: { type: "open", url: "/r/a/7" }, ports: [] });
    expect(worker.did).toEqual([["show", "Ben", "the tide is in"]]);
  });

  it("takes back a ring that a page told of, but not the missed call that was pushed meanwhile", async () => {
    const takeBack = { data: { type: "take_back", tag: "call-1" }, ports: [] };
    const ringing = fakeScope([], [{ tag: "call-1", kind: "call" }, { tag: "call-2", kind: "call" }]);
    await ringing.happen("message", takeBack);
    expect(ringing.did).toEqual([["close", "call-1", "call"]]);
    const missed = fakeScope([], [{ tag: "call-1", kind: "missed" }]);
    await missed.happen("message", takeBack);
    expect(missed.did).toEqual([]);
  });

  it("shows something for whatever it gets, and sets the badge of the app", async () => {
    const worker = fakeScope();
    await worker.happen("push", { data: null });
    const ended = {
      kind: "callEnded",
      tag: "call-1",
      title: "Ben",
      body: "Answered on another device",
      url: "/r/a",
      isMissed: false,
      unread: { ownCount: 4, hasMore: true },
      close: [],
    };
    await worker.happen("push", { data: { text: () => JSON.stringify(ended) } });
    for (const hasMore of [true, false]) {
      const text = JSON.stringify({ ...ended, unread: { ownCount: 0, hasMore } });
      await worker.happen("push", { data: { text: () => text } });
    }
    expect(worker.did).toEqual([
      ["show", "New activity in Parley", ""],
      ["show", "Ben", ended.body],
      ["badge", 4],
      ["show", "Ben", ended.body],
      // A dot, as the page has for what is not meant for the person.
      ["badge", undefined],
      ["show", "Ben", ended.body],
      ["no badge"],
    ]);
  });
});
