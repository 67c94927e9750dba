import { signal } from "@preact/signals";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { QuietMoment } from "../../../client/app/quiet_moment.ts";
import type { SignedIn } from "../../../client/app/app_context.ts";

const MINUTE_MS = 60_000;

/** A page with nothing in it, and what makes it busy. */
function page() {
  const document = Object.assign(new EventTarget(), {
    visibilityState: "visible",
    log: null as null | { scrollHeight: number; scrollTop: number; clientHeight: number },
    fields: [] as { value: string; type: string }[],
    hasDialog: false,
    querySelector: (selector: string) =>
      selector === ".log" ? document.log : document.hasDialog ? document : null,
    querySelectorAll: () => document.fields,
  });
  const view = Object.assign(new EventTarget(), { document });
  const callPlace = signal<unknown>(null);
  const callTitle = signal<string | null>(null);
  const waitingCount = signal(0);
  const signedIn = { app: { callPlace, callTitle }, chat: { messages: { waitingCount } } };
  const quiet = new QuietMoment(signedIn as unknown as SignedIn, view as unknown as Window);
  const show = (state: string) => {
    document.visibilityState = state;
    document.dispatchEvent(new Event("visibilitychange"));
  };
  return { document, view, callPlace, callTitle, waitingCount, quiet, show };
}

describe("a quiet moment", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("comes once the page is hidden for a while, or nobody has touched it for longer", () => {
    const { quiet, view, show } = page();
    using _quiet = quiet;
    vi.advanceTimersByTime(5 * MINUTE_MS - 1);
    expect(quiet.isNow()).toBe(false);
    vi.advanceTimersByTime(1);
    expect(quiet.isNow()).toBe(true);
    view.dispatchEvent(new Event("keydown"));
    expect(quiet.isNow()).toBe(false);
    show("hidden");
    vi.advanceTimersByTime(4_999);
    expect(quiet.isNow()).toBe(false);
    vi.advanceTimersByTime(1);
    expect(quiet.isNow()).toBe(true);
    show("visible");
    expect(quiet.isNow()).toBe(false);
  });

  it("waits for calls, messages on their way, what is being written, and what is being read", () => {
    const { quiet, document, view, callPlace, callTitle, waitingCount, show } = page();
    using _quiet = quiet;
    show("hidden");
    vi.advanceTimersByTime(MINUTE_MS);
    const busy = (begin: () => void, end: () => void) => {
      expect(quiet.isNow()).toBe(true);
      begin();
      expect(quiet.isNow()).toBe(false);
      end();
    };
    busy(() => callPlace.value = {}, () => callPlace.value = null);
    busy(() => callTitle.value = "Ben is calling", () => callTitle.value = null);
    busy(() => waitingCount.value = 1, () => waitingCount.value = 0);
    busy(() => document.hasDialog = true, () => document.hasDialog = false);
    busy(() => document.fields = [{ value: "Half a", type: "textarea" }], () => document.fields = []);
    document.fields = [{ value: "on", type: "checkbox" }, { value: "all", type: "radio" }];
    const scrolled = (scrollTop: number) => ({ scrollHeight: 1_000, scrollTop, clientHeight: 500 });
    busy(() => document.log = scrolled(400), () => document.log = scrolled(401));
    const keep = (event: Event) => event.preventDefault();
    busy(
      () => view.addEventListener("beforeunload", keep),
      () => view.removeEventListener("beforeunload", keep),
    );
    expect(quiet.isNow()).toBe(true);
  });

  it("follows nothing any more once it is disposed", () => {
    const { quiet, view } = page();
    quiet[Symbol.dispose]();
    vi.advanceTimersByTime(5 * MINUTE_MS);
    view.dispatchEvent(new Event("keydown"));
    expect(quiet.isNow()).toBe(true);
  });
});
