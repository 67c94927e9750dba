import { makeFile } from "../../../server/build/built_file.ts";
import type { BuiltFile } from "../../../server/build/built_file.ts";
import { PAGES } from "../../../server/build/client_pages.ts";
import type { CallAct } from "../../../shared/call/call_acts.ts";
import type { CallPhase, CallState } from "../../../shared/call/call_state.ts";
import type { Media, MediaKind } from "../../../shared/call/call_types.ts";
import type { ParticipantId, RoomId, UserId } from "../../../shared/ids.ts";
import type { Page, Profile, TestBrowser } from "../browser.ts";
import { countPictures, soundLevel } from "../call_browser.ts";
import { directRoom } from "../call_kit.ts";
import type { FaultyPath } from "../faulty_path.ts";
import { testApp } from "../test_app.ts";
import type { Person, TestApp, TestAppOptions } from "../test_app.ts";
import { waitFor } from "../wait.ts";
import type { PageCalls, PageCounts } from "./page.ts";

const ENTRY = new URL("./page.ts", import.meta.url).pathname;
const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Calls</title>
<link rel="icon" href="data:,"><body><script type="module" src="/static/page.js"></script></body></html>`;
/** The CI machine is slower than any of ours. */
const TIMEOUT_MS = 30_000;
/** Enough to know that a picture moves, and that a beep is heard. */
const PICTURES = { withinMs: TIMEOUT_MS, enough: 3 } as const;
const SOUND = { withinMs: TIMEOUT_MS, enough: 0.02 } as const;

/** Several beeps of the made-up microphone. */
const LISTEN_MS = 5_000;

let files: Promise<BuiltFile[]> | undefined;
let addressCount = 0;

/** A server with a page that has the real models of calls, but no views. */
export async function callApp(options: TestAppOptions = {}): Promise<TestApp> {
  return await testApp({ ...options, files: await callPages() });
}

/** The page, built once per test file. */
export function callPages(): Promise<BuiltFile[]> {
  return files ??= bundlePage();
}

/** How a device comes to the page. */
export interface CallDeviceOptions {
  readonly app: TestApp;
  readonly person: Person;
  /** What passes between this browser and others. */
  readonly path?: FaultyPath;
  readonly isRelayOnly?: boolean;
  /** A network that lets no WebSocket through, and the other transport that this tab has found to work. */
  readonly transport?: "sse" | "polling";
  /** Another port than the server's, such as that of a second instance. */
  readonly url?: string;
}

/** The state of a call, without its maps. */
interface CallSummary {
  readonly phase: CallPhase;
  readonly reason: string | null;
  readonly participantIds: readonly ParticipantId[];
  readonly linkPhases: readonly string[];
}

/** One tab of a person, with the models of calls in it. */
export class CallDevice implements AsyncDisposable {
  readonly page: Page;
  readonly profile: Profile;
  readonly person: Person;

  /** Created by `openDevice`. */
  constructor(parts: Pick<CallDevice, "page" | "profile" | "person">) {
    this.page = parts.page;
    this.profile = parts.profile;
    this.person = parts.person;
  }

  /** Does what the person wants. */
  act(act: CallAct): Promise<void> {
    return this.page.evaluate((act) => {
      (globalThis as unknown as { calls: PageCalls }).calls.model.act(act);
    }, act);
  }

  /** Starts the call of a room. */
  start(roomId: RoomId, options: Partial<Extract<CallAct, { type: "start" }>> = {}): Promise<void> {
    const media = { mic: true, cam: true };
    return this.act({ type: "start", roomId, isDirect: true, purpose: "talk", media, ring: [], ...options });
  }

  /** Joins the call that runs in a room, once this device knows of it. */
  async join(roomId: RoomId): Promise<void> {
    const callId = await waitFor(() =>
      this.page.evaluate((roomId) => {
        const { watch } = (globalThis as unknown as { calls: PageCalls }).calls;
        return watch.calls.peek().get(roomId)?.callId ?? null;
      }, roomId), { timeoutMs: TIMEOUT_MS });
    const media = { mic: true, cam: true };
    await this.act({ type: "join", callId, roomId, isDirect: false, purpose: "talk", media });
  }

  /** Accepts the ring of this device, once it rings. */
  async accept(media = { mic: true, cam: true }): Promise<void> {
    await this.until("incoming");
    const { stage } = await this.state();
    if (stage.phase !== "incoming") throw new Error(`It does not ring any more: ${stage.phase}`);
    await this.act({ type: "accept", callId: stage.ring.callId, media, isDirect: true });
  }

  /** The whole state, whose maps and sets are empty here. */
  state(): Promise<CallState> {
    return this.page.evaluate(() => (globalThis as unknown as { calls: PageCalls }).calls.model.state.peek());
  }

  /** Where this device is, and why its call ended. */
  summary(): Promise<CallSummary> {
    return this.page.evaluate(() => {
      const { model } = (globalThis as unknown as { calls: PageCalls }).calls;
      const { stage } = model.state.peek();
      return {
        phase: stage.phase,
        reason: stage.phase === "ended" ? stage.end.reason : null,
        participantIds: "session" in stage
          ? stage.session.call?.participants.map((one) => one.participantId) ?? []
          : [],
        linkPhases: [...model.peers.peek().values()].map((peer) => peer.phase.peek()),
      };
    });
  }

  /** Waits for a phase, or for an end with this reason. */
  async until(phase: CallPhase, reason?: string): Promise<void> {
    await waitFor(async () => {
      const summary = await this.summary();
      return summary.phase === phase && (reason === undefined || summary.reason === reason);
    }, { timeoutMs: 2 * TIMEOUT_MS, what: `${this.person.name} is ${phase} ${reason ?? ""}` });
  }

  /** Waits until this device has links to this number of peers, and all are up. */
  async untilUp(count: number, timeoutMs = TIMEOUT_MS): Promise<void> {
    await waitFor(async () => {
      const { linkPhases } = await this.summary();
      return linkPhases.length === count && linkPhases.every((phase) => phase === "up");
    }, { timeoutMs, what: `${count} links of ${this.person.name} are up` });
  }

  /** What this page has asked of its browser so far. */
  counts(): Promise<PageCounts> {
    return this.page.evaluate(() => (globalThis as unknown as { calls: PageCalls }).calls.counts);
  }

  /** Changes what this device sends, like a person who clicks. */
  media(media: Partial<Media>): Promise<void> {
    return this.act({ type: "media", media });
  }

  /** What this device has been told that somebody sends. */
  toldBy({ id }: Person): Promise<Media | null> {
    return this.page.evaluate((userId) => {
      const { stage } = (globalThis as unknown as { calls: PageCalls }).calls.model.state.peek();
      if (!("session" in stage)) return null;
      return stage.session.call?.participants.find((one) => one.userId === userId)?.media ?? null;
    }, id);
  }

  /** The element that shows or plays what somebody sends. */
  elementOf(userId: UserId, kind: MediaKind): string {
    return `section[data-user="${userId}"] .${kind}`;
  }

  /** Whether a moving picture of somebody is shown; it is waited for. */
  async sees({ id }: Person, kind: MediaKind = "cam", withinMs = TIMEOUT_MS): Promise<boolean> {
    const count = await countPictures(this.page, this.elementOf(id, kind), { ...PICTURES, withinMs });
    return count >= PICTURES.enough;
  }

  /** Whether somebody is heard; it is waited for. */
  async hears({ id }: Person, withinMs = TIMEOUT_MS): Promise<boolean> {
    const selector = this.elementOf(id, "mic");
    await this.page.waitForFunction((selector) => {
      return document.querySelector<HTMLAudioElement>(selector)?.srcObject instanceof MediaStream;
    }, selector);
    // A link that is made anew brings another stream than the one that is listened to.
    for (const endsAt = performance.now() + withinMs; performance.now() < endsAt;) {
      const leftMs = Math.min(endsAt - performance.now(), LISTEN_MS);
      const level = await soundLevel(this.page, selector, { ...SOUND, withinMs: leftMs });
      if (level >= SOUND.enough) return true;
    }
    return false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.profile[Symbol.asyncDispose]();
  }
}

/** Two people in a call of their direct room. */
export interface CallOfTwo extends AsyncDisposable {
  readonly app: TestApp;
  readonly ana: CallDevice;
  readonly bo: CallDevice;
  readonly roomId: RoomId;
}

/** Options of `callOfTwo`. */
export interface CallOfTwoOptions extends TestAppOptions, Pick<CallDeviceOptions, "path" | "isRelayOnly"> {
  readonly media?: { readonly mic: boolean; readonly cam: boolean };
}

/** Opens a call between Ana, who starts it, and Bo, with the links up on both sides. */
export async function callOfTwo(browser: TestBrowser, options: CallOfTwoOptions = {}): Promise<CallOfTwo> {
  const { path, isRelayOnly, media = { mic: true, cam: true }, ...rest } = options;
  const device = { ...path && { path }, ...isRelayOnly && { isRelayOnly } };
  await using opened = new AsyncDisposableStack();
  const app = opened.use(await callApp(rest));
  const person = await app.person("Bo");
  const roomId = await directRoom(app.owner, person);
  const ana = opened.use(await openDevice(browser, { app, person: app.owner, ...device }));
  const bo = opened.use(await openDevice(browser, { app, person, ...device }));
  await ana.start(roomId, { ring: [person.id], media });
  await bo.accept(media);
  await Promise.all([ana.untilUp(1), bo.untilUp(1)]);
  const closing = opened.move();
  return { app, ana, bo, roomId, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}

/** Opens the page as somebody who has signed in. */
export async function openDevice(browser: TestBrowser, options: CallDeviceOptions): Promise<CallDevice> {
  const { app, person, path, isRelayOnly = false, transport } = options;
  await using opened = new AsyncDisposableStack();
  addressCount++;
  const localAddress = `127.4.${Deno.pid % 256}.${addressCount % 256}`;
  const profile = opened.use(
    await browser.openProfile({ localAddress, hasNoWebSocket: transport !== undefined }),
  );
  if (transport !== undefined) {
    await profile.context.addInitScript((kind) => {
      // The first, empty page has no storage.
      if (location.protocol !== "http:") return;
      sessionStorage.setItem("parley-transport", `${kind} ${Date.now()}`);
    }, transport);
  }
  const url = new URL(options.url ?? app.url);
  const value = (person.device.cookie ?? "").replace(/^sid=/, "");
  await profile.context.addCookies([{
    name: "sid",
    value,
    url: url.origin,
    httpOnly: true,
    sameSite: "Lax",
  }]);
  if (isRelayOnly) url.searchParams.set("relay", "");
  const page = await openTab(profile, url.href, path);
  opened.move();
  return new CallDevice({ page, profile, person });
}

/** Opens one more tab of a browser that is signed in. */
export async function openTab(profile: Profile, url: string, path?: FaultyPath): Promise<Page> {
  const page = await profile.openPage();
  await path?.lead(page);
  await page.goto(url);
  await ready(page);
  return page;
}

/** Waits until the models of a page are there, and it hears of calls. */
export async function ready(page: Page): Promise<void> {
  await page.waitForFunction(
    () => {
      return (globalThis as unknown as { calls?: PageCalls }).calls?.watch.isOpen.peek() === true;
    },
    undefined,
    { timeout: TIMEOUT_MS },
  );
}

async function bundlePage(): Promise<BuiltFile[]> {
  const result = await Deno.bundle({
    entrypoints: [ENTRY],
    outputDir: "bundle",
    write: false,
    platform: "browser",
    format: "esm",
    codeSplitting: true,
  });
  if (!result.success) throw new Error(result.errors.map(({ text }) => text).join("\n"));
  const options = { isImmutable: false, isCompressed: false };
  const scripts = (result.outputFiles ?? []).map((output) => {
    const name = output.path.split("/").at(-1) ?? "";
    return makeFile(`/static/${name}`, new TextEncoder().encode(output.text()), options);
  });
  const pages = Object.values(PAGES).map((path) => makeFile(path, new TextEncoder().encode(PAGE), options));
  return [...scripts, ...pages];
}
