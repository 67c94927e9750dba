// deno-lint-ignore no-import-prefix -- test tool: kept out of deno.json, which every start fetches
import { chromium } from "npm:playwright-core@1.65.1";
// deno-lint-ignore no-import-prefix -- test tool: kept out of deno.json, which every start fetches
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "npm:playwright-core@1.65.1";
import { checkHttpAnswer, SocketCheck, StreamCheck } from "./answer_check.ts";
import type { Report } from "./answer_check.ts";
import { findBrowser } from "./find_browser.ts";
import { openLoopbackProxy } from "./loopback_proxy.ts";

export type { Page } from "npm:playwright-core@1.65.1";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const ACTION_TIMEOUT_MS = 10_000;

/** How one person's browser is set up. */
export interface ProfileOptions extends Omit<BrowserContextOptions, "proxy"> {
  /** The address in 127.0.0.0/8 that this person connects from; rate limits use it. */
  readonly localAddress?: string;
  /** A network that blocks WebSockets but not HTTP. */
  readonly hasNoWebSocket?: boolean;
}

/** One person's browser, with its own cookies, storage and pages. */
export interface Profile extends AsyncDisposable {
  readonly context: BrowserContext;
  /** Console errors, uncaught errors and security policy reports so far; closing fails if there are any. */
  readonly problems: readonly string[];
  /** Ignores problems that a test provokes, such as refused connections while the server is down. */
  allowProblems(pattern: RegExp): void;
  /** Opens a page, optionally at a URL. */
  openPage(url?: string): Promise<Page>;
}

/** A running Chromium. */
export interface TestBrowser extends AsyncDisposable {
  readonly browser: Browser;
  openProfile(options?: ProfileOptions): Promise<Profile>;
}

/** Starts Chromium, with more flags if needed; `await using` closes it with everything in it. */
export async function openBrowser(
  { flags = [] }: { readonly flags?: readonly string[] } = {},
): Promise<TestBrowser> {
  const program = await findBrowser();
  if (program === null) throw new Error("No browser: run `deno run -A tests/support/prepare.ts` first");
  const browser = await chromium.launch({
    executablePath: program.path,
    args: [...FLAGS, ...flags],
    env: { ...Deno.env.toObject(), ...program.env },
  });
  return {
    browser,
    openProfile: (options = {}) => openProfile(browser, options),
    [Symbol.asyncDispose]: () => browser.close(),
  };
}

async function openProfile(browser: Browser, options: ProfileOptions): Promise<Profile> {
  const { localAddress, hasNoWebSocket = false, ...rest } = options;
  await using opened = new AsyncDisposableStack();
  const proxy = localAddress === undefined
    ? null
    : opened.use(await openLoopbackProxy(localAddress, { refusesTunnels: hasNoWebSocket }));
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    reducedMotion: "reduce",
    // A worker answers from its cache, where tests that route requests see nothing.
    serviceWorkers: "block",
    ...rest,
    ...(proxy === null ? {} : { proxy: { server: proxy.url } }),
  });
  opened.defer(() => context.close());
  context.setDefaultTimeout(ACTION_TIMEOUT_MS);
  const { problems, watchStreams, settled } = await collectProblems(context);
  const parts = opened.move();
  const allowed: RegExp[] = [];
  const remaining = () => problems.filter((text) => !allowed.some((pattern) => pattern.test(text)));
  return {
    context,
    get problems() {
      return remaining();
    },
    allowProblems: (pattern) => void allowed.push(pattern),
    async openPage(url) {
      const page = await context.newPage();
      await watchStreams(page);
      if (url !== undefined) await page.goto(url);
      return page;
    },
    async [Symbol.asyncDispose]() {
      // Before the pages close: what they have received cannot be read after that.
      await settled();
      await parts.disposeAsync();
      const left = remaining();
      if (left.length > 0) throw new Error(`The browser reported:\n${left.join("\n")}`);
    },
  };
}

/** Everything wrong that a browser reports, or that the server sends it. */
interface Collected {
  readonly problems: string[];
  /** Checks the event streams of a page; call it before the page loads anything. */
  readonly watchStreams: (page: Page) => Promise<void>;
  /** Resolves when every answer was checked. */
  readonly settled: () => Promise<unknown>;
}

async function collectProblems(context: BrowserContext): Promise<Collected> {
  const problems: string[] = [];
  const report = (problem: string) => void problems.push(problem);
  const answers: Promise<void>[] = [];
  context.on("weberror", (event) => report(`Uncaught: ${event.error().stack ?? event.error().message}`));
  context.on("console", (message) => {
    if (message.type() === "error") report(`Console: ${message.text()} (${message.location().url})`);
  });
  context.on("response", (response) => {
    if (!response.headers()["content-type"]?.startsWith("application/json")) return;
    // Bodies of requests that were aborted when the page was left cannot be read.
    answers.push(response.text().then((text) => checkHttpAnswer(response.url(), text, report), () => {}));
  });
  context.on("page", (page) => {
    page.on("crash", () => report(`Crashed: ${page.url()}`));
    page.on("websocket", (socket) => {
      const check = new SocketCheck(report);
      socket.on("framesent", ({ payload }) => check.sent(String(payload)));
      socket.on("framereceived", ({ payload }) => check.received(String(payload)));
    });
  });
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      console.error(`Policy ${event.effectiveDirective} blocked ${event.blockedURI} ${event.sample}`);
    });
  });
  return {
    problems,
    watchStreams: (page) => watchStreams(page, report),
    settled: () => Promise.all(answers),
  };
}

async function watchStreams(page: Page, report: Report): Promise<void> {
  const checks = new Map<string, StreamCheck>();
  const session = await page.context().newCDPSession(page);
  session.on("Network.requestWillBeSent", ({ requestId, request, type }) => {
    if (type === "EventSource") checks.set(requestId, new StreamCheck(request.url, report));
  });
  session.on("Network.eventSourceMessageReceived", ({ requestId, eventName, eventId, data }) => {
    checks.get(requestId)?.event({ event: eventName, id: eventId, data });
  });
  await session.send("Network.enable");
}
