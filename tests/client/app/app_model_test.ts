import { computed, signal } from "@preact/signals";
import { describe, expect, it } from "vitest";
import { CLOSE_CODES } from "../../../shared/errors.ts";
import type { SessionId } from "../../../shared/ids.ts";
import type { Me } from "../../../shared/user.ts";
import { AppModel } from "../../../client/app/app_model.ts";
import type { Chat } from "../../../client/app/chat.ts";
import { PreferencesModel } from "../../../client/app/preferences_model.ts";
import { Router } from "../../../client/app/router/router.ts";
import { ConnectionModel } from "../../../client/net/connection_model.ts";
import { MembersModel } from "../../../client/rooms/members_model.ts";
import { RoomsModel } from "../../../client/rooms/rooms_model.ts";
import { RoomPreviewModel } from "../../../client/rooms/room_preview_model.ts";
import { SessionModel } from "../../../client/session/session_model.ts";
import type { Recalled } from "../../../client/session/session_model.ts";
import { ToastModel } from "../../../client/ui/toast_model.ts";
import { UsersModel } from "../../../client/users/users_model.ts";
import { ANA, BEN, idOf, roomNamed, RoomsServer } from "../rooms/rooms_kit.ts";

const ME: Me = {
  id: ANA,
  name: "Ana",
  role: "owner",
  sessionId: "session000000001" as SessionId,
  workspaceName: "Harbour",
  createdAt: "2026-11-02T09:00:00.000Z",
  passwordResets: [],
};

/** A window with one history entry after the other, as `Router` needs it. */
function fakeWindow(path: string) {
  const entries = [{ url: `https://chat.example${path}`, state: null as unknown }];
  const write = (isPush: boolean) => (state: unknown, _unused: string, url?: string | URL | null) => {
    const entry = { url: new URL(String(url), "https://chat.example").href, state };
    if (!isPush) entries.pop();
    entries.push(entry);
  };
  return {
    get location() {
      return { href: entries.at(-1)?.url ?? "" };
    },
    get history() {
      const state = entries.at(-1)?.state;
      return { state, pushState: write(true), replaceState: write(false), back: () => void entries.pop() };
    },
    addEventListener: () => {},
    removeEventListener: () => {},
  };
}

/** `answers` are those of `auth.me` before `me`; what `recall` returns was stored. */
function start(
  path: string,
  me: Me | null = ME,
  { answers = [], recall }: {
    readonly answers?: Promise<Me | null>[];
    readonly recall?: () => Promise<Recalled | null>;
  } = {},
) {
  const server = new RoomsServer();
  const calls: string[] = [];
  const isNarrow = signal(false);
  const router = new Router(fakeWindow(path));
  const enter = { mutate: () => Promise.resolve(ME) };
  const session = new SessionModel({
    ...recall === undefined ? {} : { recall },
    api: {
      auth: {
        me: {
          query: () => {
            calls.push("me");
            return answers.shift() ?? Promise.resolve(me);
          },
        },
        signIn: enter,
        signOut: { mutate: () => Promise.resolve(null) },
        setup: enter,
        register: enter,
        joinAsGuest: enter,
        resetPassword: enter,
      },
      invites: { preview: { query: () => Promise.resolve({ workspaceName: "Harbour", role: "member" }) } },
    },
  });
  const makeChat = (): Chat => {
    const rooms = new RoomsModel({
      api: server.api,
      me: ANA,
      nameOf: () => "Somebody",
      also: computed(() => []),
      tabId: () => null,
      onHeads: () => {},
      signals: { typing: () => {}, presence: () => {} },
      onNotice: () => {},
      onRemoved: (roomId) => app.roomLost(roomId),
    });
    rooms.start();
    const parts: Partial<Record<keyof Chat, unknown>> = {
      rooms,
      members: new MembersModel(server.api),
      preview: new RoomPreviewModel(server.api),
      typing: { open: (roomId: string | null) => calls.push(`typing ${roomId}`) },
      users: new UsersModel({ list: { query: () => Promise.resolve({ items: [], cursor: null }) } }, ME),
      [Symbol.dispose]: () => {
        calls.push("dispose");
        rooms[Symbol.dispose]();
      },
    };
    return parts as unknown as Chat;
  };
  const app: AppModel = new AppModel({
    api: {
      connection: new ConnectionModel(),
      connect: () => void calls.push("connect"),
      disconnect: () => void calls.push("disconnect"),
    },
    session,
    router,
    preferences: new PreferencesModel(null),
    toasts: new ToastModel(),
    isNarrow,
    isPanelOver: isNarrow,
    forgetCopy: () => {
      calls.push("forget");
      return Promise.resolve();
    },
    createChat: () => Promise.resolve(makeChat()),
  });
  app.start();
  return { app, router, session, server, isNarrow, calls, [Symbol.dispose]: () => app[Symbol.dispose]() };
}

/** A start without network, where something is stored. */
const RECALLING = {
  get answers() {
    return [Promise.reject(new Error("fetch failed"))];
  },
  recall: () => Promise.resolve({ me: ME, asOf: "09:12" }),
};

function callsOf({ calls }: { readonly calls: readonly string[] }): string[] {
  return calls.filter((call) => !call.startsWith("typing") && call !== "me");
}

/** Lets every promise that is under way settle. */
const settle = () => new Promise<void>((resolve) => queueMicrotask(() => setTimeout(resolve)));

describe("AppModel", () => {
  it("makes a person's models at sign-in and takes them down at sign-out", async () => {
    using t = start("/", null);
    await settle();
    expect(t.app.chat.value).toBe(null);
    t.session.enter(ME);
    await settle();
    expect(t.app.chat.value).not.toBe(null);
    await t.app.signOut();
    expect(t.app.chat.value).toBe(null);
    // What others have left on the device goes before anything is shown.
    expect(callsOf(t)).toEqual([
      "disconnect",
      "disconnect",
      "forget",
      "forget",
      "connect",
      "dispose",
      "disconnect",
      "forget",
    ]);
  });

  it("shows what is stored, and connects once the server has said that the session goes on", async () => {
    using t = start("/", ME, RECALLING);
    await settle();
    const chat = t.app.chat.value;
    expect(chat).not.toBe(null);
    expect(callsOf(t)).toEqual(["disconnect"]);
    await t.session.load();
    await settle();
    expect(t.app.chat.value).toBe(chat);
    expect(callsOf(t)).toEqual(["disconnect", "connect"]);
  });

  it("takes down what is stored before it connects for another session", async () => {
    using t = start("/", { ...ME, sessionId: "session000000002" as SessionId }, RECALLING);
    await settle();
    const chat = t.app.chat.value;
    await t.session.load();
    await settle();
    expect(t.app.chat.value).not.toBe(chat);
    expect(callsOf(t)).toEqual(["disconnect", "dispose", "connect"]);
  });

  it("forgets what is stored if the session has ended", async () => {
    using t = start("/", null, RECALLING);
    await settle();
    await t.session.load();
    await settle();
    expect(t.app.chat.value).toBe(null);
    expect(callsOf(t)).toEqual(["disconnect", "dispose", "disconnect", "forget"]);
  });

  it("goes back to sign-in when the server ends the session, and keeps the place", async () => {
    using t = start(`/r/${idOf("General")}`);
    await settle();
    t.session.ended(CLOSE_CODES.sessionEnded);
    expect(t.app.chat.value).toBe(null);
    expect(t.router.place.value).toMatchObject({ type: "room", roomId: idOf("General") });
  });

  it("leaves the setup page, opens the first room and offers an invitation", async () => {
    using t = start("/setup#token", null);
    await settle();
    t.session.enter(ME, true);
    await settle();
    expect([t.app.isWelcome.value, t.router.overlay.value]).toEqual([true, "invite"]);
    t.server.tell({ type: "snapshot", rooms: [roomNamed("General")] });
    expect(t.app.roomId.value).toBe(idOf("General"));
    expect(t.router.overlay.value).toBe("invite");
    t.app.endWelcome();
    expect([t.app.isWelcome.value, t.router.overlay.value]).toEqual([false, null]);
  });

  it("keeps an invite page open for who was signed in already", async () => {
    using t = start("/join#code");
    await settle();
    expect(t.router.place.value).toEqual({ type: "join", secret: "code" });
  });

  it("opens the room that was open last where there is space for both panes", async () => {
    using t = start("/");
    await settle();
    t.app.preferences.set({ lastRoomId: idOf("Design") });
    t.server.tell({ type: "snapshot", rooms: [roomNamed("Build"), roomNamed("Design")] });
    expect(t.app.roomId.value).toBe(idOf("Design"));
  });

  it("stays at the list on a phone", async () => {
    using t = start("/");
    t.isNarrow.value = true;
    await settle();
    t.server.tell({ type: "snapshot", rooms: [roomNamed("General")] });
    expect(t.router.place.value).toEqual({ type: "home" });
    t.isNarrow.value = false;
    expect(t.app.roomId.value).toBe(idOf("General"));
  });

  it("looks into a room that one is not in, and back when one joins it", async () => {
    using t = start(`/r/${idOf("General")}`);
    await settle();
    t.server.tell({ type: "snapshot", rooms: [] });
    await settle();
    const chat = t.app.chat.value;
    expect(chat?.preview.room.value?.name).toBe("General");
    t.server.tell({ type: "room_changed", room: roomNamed("General") });
    expect(t.app.preferences.lastRoomId.value).toBe(idOf("General"));
    expect(t.calls.filter((call) => call.startsWith("typing"))).toContain(`typing ${idOf("General")}`);
  });

  it("asks once for the own role, however many rooms go at once", async () => {
    using t = start("/");
    await settle();
    t.server.tell({ type: "snapshot", rooms: ["A", "B", "C", "D"].map((name) => roomNamed(name)) });
    await settle();
    const askedBefore = t.calls.filter((call) => call === "me").length;
    t.server.tell({ type: "snapshot", rooms: [] });
    await settle();
    expect(t.calls.filter((call) => call === "me").length - askedBefore).toBe(1);
  });

  it("keeps the members beside each room where there is space, without an entry in the history", async () => {
    using t = start(`/r/${idOf("General")}`);
    await settle();
    expect(t.app.panel.value).toEqual({ type: "members" });
    t.app.closePanel();
    expect(t.app.panel.value).toBe(null);
    t.app.openRoom(idOf("Design"));
    expect(t.app.panel.value).toBe(null);
    t.app.openPanel({ type: "members" });
    expect([t.app.panel.value, t.router.panel.value]).toEqual([{ type: "members" }, null]);
  });

  it("shows no members beside a direct message, and keeps them for the next room", async () => {
    using t = start(`/r/${idOf("General")}`);
    await settle();
    const rooms = [roomNamed("General"), roomNamed("Ben", { kind: "direct", name: "", otherUserId: BEN })];
    t.server.tell({ type: "snapshot", rooms });
    t.app.openRoom(idOf("Ben"));
    expect(t.app.panel.value).toBe(null);
    t.app.openRoom(idOf("General"));
    expect(t.app.panel.value).toEqual({ type: "members" });
  });

  it("lays them over the room where there is none, as long as the history has them", async () => {
    using t = start(`/r/${idOf("General")}`);
    t.isNarrow.value = true;
    await settle();
    expect(t.app.panel.value).toBe(null);
    t.app.openPanel({ type: "members" });
    expect([t.app.panel.value, t.router.panel.value]).toEqual([{ type: "members" }, { type: "members" }]);
    // The window grew: one click still closes them.
    t.isNarrow.value = false;
    t.app.closePanel();
    expect([t.app.panel.value, t.router.panel.value]).toEqual([null, null]);
  });

  it("turns what went wrong beside a form into words", async () => {
    using t = start("/");
    await settle();
    expect(await t.app.attempt(() => Promise.reject(new Error("fetch failed")))).toBe(false);
    expect(t.app.toasts.toasts.value.map(({ kind }) => kind)).toEqual(["bad"]);
    t.app.toasts[Symbol.dispose]();
  });

  it("remembers what the place is called for the sign-in page", async () => {
    using t = start("/");
    await settle();
    expect(t.app.workspaceName.value).toBe("Harbour");
    await t.app.signOut();
    expect(t.app.workspaceName.value).toBe("Harbour");
  });
});
