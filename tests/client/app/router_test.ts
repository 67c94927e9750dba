import { describe, expect, it } from "vitest";
import type { RoomId } from "../../../shared/ids.ts";
import { formatPlace, parsePlace } from "../../../client/app/router/route.ts";
import { Router } from "../../../client/app/router/router.ts";
import type { RouterWindow } from "../../../client/app/router/router.ts";

const ROOM = "room000000000001" as RoomId;
const OTHER = "room000000000002" as RoomId;
const BASE = "https://chat.example";

/** A window's history as browsers keep it, without a page. */
class FakeWindow implements RouterWindow {
  entries: { url: string; state: unknown }[];
  index = 0;
  readonly #listeners = new Set<() => void>();

  constructor(path: string, state: unknown = null) {
    this.entries = [{ url: BASE + path, state }];
  }

  get location() {
    return { href: this.#now.url };
  }

  get path(): string {
    return this.#now.url.slice(BASE.length);
  }

  get history() {
    const write =
      (how: "push" | "replace") => (state: unknown, _unused: string, url?: string | URL | null) => {
        const entry = { url: new URL(String(url), BASE).href, state: structuredClone(state) };
        if (how === "push") this.entries.splice(++this.index, Infinity, entry);
        else this.entries[this.index] = entry;
      };
    return {
      state: this.#now.state,
      pushState: write("push"),
      replaceState: write("replace"),
      back: () => this.back(),
    };
  }

  back(): void {
    if (this.index === 0) return;
    this.index--;
    for (const listener of this.#listeners) listener();
  }

  addEventListener(_type: "popstate", listener: () => void): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_type: "popstate", listener: () => void): void {
    this.#listeners.delete(listener);
  }

  get #now() {
    return this.entries[this.index] ?? { url: BASE, state: null };
  }
}

describe("parsePlace()", () => {
  it("reads rooms, permalinks and links with a secret", () => {
    const parse = (path: string) => parsePlace(new URL(path, BASE));
    expect(parse("/")).toEqual({ type: "home" });
    expect(parse(`/r/${ROOM}`)).toEqual({ type: "room", roomId: ROOM, offset: null });
    expect(parse(`/r/${ROOM}/42`)).toEqual({ type: "room", roomId: ROOM, offset: 42 });
    expect(parse("/setup#abc")).toEqual({ type: "setup", secret: "abc" });
    expect(parse("/join#a%2Fb")).toEqual({ type: "join", secret: "a/b" });
    expect(parse("/reset")).toEqual({ type: "reset", secret: "" });
    expect(parse("/doctor")).toEqual({ type: "doctor" });
    expect(parse("/doctor/more")).toEqual({ type: "home" });
  });

  it("takes everything else for home and a wrong offset for none", () => {
    const parse = (path: string) => parsePlace(new URL(path, BASE));
    for (const path of ["/x", "/r", "/r/short", `/r/${ROOM}/1/2`, "/setup/more#abc"]) {
      expect(parse(path)).toEqual({ type: "home" });
    }
    for (const offset of ["0", "-1", "1.5", "x", "99999999999999999"]) {
      expect(parse(`/r/${ROOM}/${offset}`)).toMatchObject({ type: "room", offset: null });
    }
    expect(parse("/join#%E0%A4%A")).toEqual({ type: "join", secret: "" });
  });

  it("writes no secret into an address", () => {
    expect(formatPlace({ type: "join", secret: "abc" })).toBe("/join");
    expect(formatPlace({ type: "room", roomId: ROOM, offset: 7 })).toBe(`/r/${ROOM}/7`);
  });
});

describe("Router", () => {
  it("takes the secret out of the address bar and keeps it over a reload", () => {
    const view = new FakeWindow("/join#topsecret");
    using router = new Router(view);
    expect(router.place.value).toEqual({ type: "join", secret: "topsecret" });
    expect(view.path).toBe("/join");
    using reloaded = new Router(view);
    expect(reloaded.place.value).toEqual({ type: "join", secret: "topsecret" });
  });

  it("goes back from a room to the list that it was opened from", () => {
    const view = new FakeWindow("/");
    using router = new Router(view);
    router.go({ type: "room", roomId: ROOM, offset: null });
    expect(view.path).toBe(`/r/${ROOM}`);
    router.toList();
    expect(view.path).toBe("/");
    expect(view.index).toBe(0);
    expect(router.place.value).toEqual({ type: "home" });
  });

  it("goes to the list in place of a room that a link has opened", () => {
    const view = new FakeWindow(`/r/${ROOM}/9`);
    using router = new Router(view);
    router.toList();
    expect(view.path).toBe("/");
    expect(view.entries.length).toBe(1);
  });

  it("closes an overlay with the back gesture, and with its own button", () => {
    const view = new FakeWindow(`/r/${ROOM}`);
    using router = new Router(view);
    router.open("settings");
    expect(router.overlay.value).toBe("settings");
    expect(view.path).toBe(`/r/${ROOM}`);
    view.back();
    expect(router.overlay.value).toBe(null);
    router.open("invite");
    router.close();
    expect(router.overlay.value).toBe(null);
    expect(view.index).toBe(0);
  });

  it("closes a panel with the back gesture, and what lies over it before", () => {
    const view = new FakeWindow(`/r/${ROOM}`);
    using router = new Router(view);
    router.openPanel({ type: "members" });
    expect(router.panel.value).toEqual({ type: "members" });
    expect(view.path).toBe(`/r/${ROOM}`);
    router.open("add_members");
    router.open("invite");
    router.close();
    expect([router.panel.value, router.overlay.value]).toEqual([{ type: "members" }, null]);
    router.closePanel();
    expect([router.panel.value, view.index]).toEqual([null, 0]);
    router.openPanel({ type: "members" });
    router.open("add_members");
    view.back();
    expect([router.panel.value, router.overlay.value]).toEqual([{ type: "members" }, null]);
    view.back();
    expect(router.panel.value).toBe(null);
    expect(router.place.value).toMatchObject({ roomId: ROOM });
  });

  it("opens a panel again after a reload, and another room takes its entry", () => {
    const view = new FakeWindow("/");
    {
      using router = new Router(view);
      router.go({ type: "room", roomId: ROOM, offset: null });
      router.openPanel({ type: "members" });
    }
    using router = new Router(view);
    expect(router.panel.value).toEqual({ type: "members" });
    router.go({ type: "room", roomId: OTHER, offset: null });
    expect(router.panel.value).toBe(null);
    expect(view.entries.map(({ url }) => url.slice(BASE.length))).toEqual(["/", `/r/${ROOM}`, `/r/${OTHER}`]);
    view.back();
    expect([router.place.value, router.panel.value]).toMatchObject([{ roomId: ROOM }, null]);
  });

  it("lets one overlay take the place of another, and a room that of an overlay", () => {
    const view = new FakeWindow("/");
    using router = new Router(view);
    router.open("browse");
    router.open("create_room");
    expect(view.index).toBe(1);
    router.go({ type: "room", roomId: ROOM, offset: null });
    expect(view.index).toBe(1);
    expect(router.overlay.value).toBe(null);
    router.toList();
    expect(view.path).toBe("/");
  });

  it("opens an overlay again after a reload, and closes it without leaving the page", () => {
    const view = new FakeWindow("/", { overlay: "settings", secret: null, isStacked: false });
    using router = new Router(view);
    expect(router.overlay.value).toBe("settings");
    router.close();
    expect(router.overlay.value).toBe(null);
    expect(view.entries.length).toBe(1);
  });

  it("adds no entry for the room that is open already, and one for each other room", () => {
    const view = new FakeWindow("/");
    using router = new Router(view);
    router.go({ type: "room", roomId: ROOM, offset: null });
    router.go({ type: "room", roomId: ROOM, offset: null });
    router.go({ type: "room", roomId: OTHER, offset: null });
    expect(view.entries.map(({ url }) => url.slice(BASE.length))).toEqual(["/", `/r/${ROOM}`, `/r/${OTHER}`]);
    view.back();
    expect(router.place.value).toMatchObject({ roomId: ROOM });
  });

  it("ignores what a foreign history entry holds", () => {
    for (const panel of ["members", {}, { type: "nonsense" }, { type: "toString" }, { type: 1 }]) {
      using router = new Router(new FakeWindow("/", { panel, overlay: "nonsense", isStacked: "yes" }));
      expect([router.panel.value, router.overlay.value]).toEqual([null, null]);
    }
  });
});
