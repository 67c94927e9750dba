import { openBrowser } from "../support/browser.ts";
import type { Profile, TestBrowser } from "../support/browser.ts";
import { fetchedUntil, totalBytes } from "../support/fetched_files.ts";
import type { FetchedFile } from "../support/fetched_files.ts";
import { openPhoneLine } from "./phone_line.ts";
import { startTarget } from "./process.ts";
import { median, printTable } from "./stats.ts";
import type { Verdict } from "./stats.ts";

const RUN_COUNT = 5;
const SLOW_DOWN = 4;
const LINE_COUNT = 50;
const BUDGET_KB = { signIn: 40, room: 85 } as const;
const BUDGET_RATIO = { cold: 1.5, cached: 2 } as const;
const PHONE = { width: 390, height: 844 } as const;
/** Set by the pages when they show what they are for. */
const SHOWN = "parleyShownAt";

/** A page whose time is taken. */
interface Visited {
  readonly url: string;
  readonly cookie: string | null;
}

type Times = Record<"cold" | "cached", number>;

/** What the first view fetches, and how soon messages are there on a phone, beside a page that has only its bytes. */
export async function measureFirstView(): Promise<Verdict[]> {
  // The server dials its public address, the line, before it says its own port.
  let port: number | null = null;
  await using line = await openPhoneLine(() => port);
  const origin = `http://127.0.0.1:${line.port}`;
  await using target = await startTarget("./targets/talk.ts", { args: ["5", String(LINE_COUNT), origin] });
  await using browser = await openBrowser();
  port = target.hello.port;
  const cookie = String(target.hello["session"]);
  const [roomId] = target.hello["roomIds"] as string[];
  const signIn = await filesOf(
    browser,
    { url: `${origin}/`, cookie: null },
    "[type=password]",
  );
  const room = await filesOf(
    browser,
    { url: `${origin}/r/${roomId}`, cookie },
    ".log article",
  );
  await using bare = serveBare(totalBytes(room));
  await using bareLine = await openPhoneLine(() => bare.port);
  const times: Record<"room" | "bare", Times[]> = { room: [], bare: [] };
  for (let run = 0; run < RUN_COUNT; run++) {
    times.bare.push(await timesOf(browser, { url: `http://127.0.0.1:${bareLine.port}/`, cookie: null }));
    times.room.push(await timesOf(browser, { url: `${origin}/r/${roomId}`, cookie }));
  }
  const of = (who: keyof typeof times, when: keyof Times) => median(times[who].map((one) => one[when]));
  printTable("Fetched until it is shown, kB as sent", [
    ...rowsOf("sign-in", signIn),
    ...rowsOf("room", room),
  ]);
  printTable(`Until ${LINE_COUNT} messages are shown, CPU ÷ ${SLOW_DOWN}, 1.6 Mbit/s, 150 ms, ms`, [
    ["", "cold", "cached"],
    ["room", of("room", "cold").toFixed(0), of("room", "cached").toFixed(0)],
    ["bare page", of("bare", "cold").toFixed(0), of("bare", "cached").toFixed(0)],
  ]);
  const ratio = (when: keyof Times): Verdict => ({
    what: `messages shown ${when}, times a bare page`,
    measured: of("room", when) / of("bare", when),
    budget: BUDGET_RATIO[when],
    rule: "at most",
    unit: "",
  });
  const size = (what: string, files: readonly FetchedFile[], budget: number): Verdict => ({
    what,
    measured: totalBytes(files) / 1_000,
    budget,
    rule: "at most",
    unit: " kB",
  });
  return [
    size("sign-in, all files", signIn, BUDGET_KB.signIn),
    size("first room, all files", room, BUDGET_KB.room),
    ratio("cold"),
    ratio("cached"),
  ];
}

async function filesOf(browser: TestBrowser, visited: Visited, selector: string): Promise<FetchedFile[]> {
  await using profile = await openAs(browser, visited);
  return await fetchedUntil(profile, visited.url, (page) => page.locator(selector).first().waitFor());
}

async function timesOf(browser: TestBrowser, visited: Visited): Promise<Times> {
  await using profile = await openAs(browser, visited);
  await profile.context.addInitScript((name) => {
    new MutationObserver((_, observer) => {
      if (document.querySelector(".log article, .bare") === null) return;
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(() => Reflect.set(globalThis, name, performance.now())));
    }).observe(document, { childList: true, subtree: true });
  }, SHOWN);
  return { cold: await visit(profile, visited.url), cached: await visit(profile, visited.url) };
}

async function visit(profile: Profile, url: string): Promise<number> {
  const page = await profile.openPage();
  const session = await profile.context.newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: SLOW_DOWN });
  await page.goto(url, { waitUntil: "commit" });
  const shown = await page.waitForFunction((name) => Reflect.get(globalThis, name), SHOWN);
  const ms = Number(await shown.jsonValue());
  await page.close();
  return ms;
}

async function openAs(browser: TestBrowser, { url, cookie }: Visited): Promise<Profile> {
  const profile = await browser.openProfile({ viewport: PHONE });
  if (cookie !== null) {
    const { origin } = new URL(url);
    await profile.context.addCookies([
      { name: "sid", value: cookie, url: origin, httpOnly: true, sameSite: "Strict" },
    ]);
  }
  return profile;
}

/** A page of one script with so many bytes, which then asks once over a WebSocket and shows the answer. */
function serveBare(bytes: number): AsyncDisposable & { readonly port: number } {
  const page = `<!doctype html><link rel="icon" href="data:,"><body><script src="/script.js"></script>`;
  const code = `const socket = new WebSocket(location.origin.replace("http", "ws"));
socket.onopen = () => socket.send("?");
socket.onmessage = () => { document.body.className = "bare"; document.body.append("!"); };\n//`;
  const script = code + "x".repeat(Math.max(0, bytes - page.length - code.length));
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    if (request.headers.get("upgrade") === "websocket") {
      const { socket, response } = Deno.upgradeWebSocket(request);
      socket.onmessage = () => socket.send("!");
      return response;
    }
    const isScript = new URL(request.url).pathname === "/script.js";
    return new Response(isScript ? script : page, {
      headers: {
        "Content-Type": isScript ? "text/javascript" : "text/html",
        "Cache-Control": isScript ? "public, max-age=31536000, immutable" : "no-cache",
        // Nothing is compressed: the bytes are those of what was.
        "Content-Length": String((isScript ? script : page).length),
      },
    });
  });
  return { port: server.addr.port, [Symbol.asyncDispose]: () => server.shutdown() };
}

function rowsOf(what: string, files: readonly FetchedFile[]): string[][] {
  return files.map(({ path, bytes }, index) => [
    index === 0 ? what : "",
    path.replace("/static/", ""),
    (bytes / 1_000).toFixed(1),
  ]);
}
