import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectNoAxeViolations } from "./accessibility.ts";
import { openBrowser } from "./browser.ts";
import type { TestBrowser } from "./browser.ts";

const POLICY = "default-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'";
const PAGES: Record<string, string> = {
  "/": `<main><h1>Fine</h1><p id="from"></p><script src="/app.js"></script></main>`,
  "/app.js": `const socket = new WebSocket(location.origin.replace("http", "ws") + "/socket");
    socket.onmessage = (event) => { document.querySelector("#from").textContent = event.data; };`,
  "/error": `<main><h1>Error</h1><script src="/error.js"></script></main>`,
  "/error.js": `throw new Error("broken on purpose");`,
  "/policy": `<main><h1>Policy</h1><script>inline()</script></main>`,
  "/poor": `<main><h1>Poor</h1><button></button></main>`,
};

/** Starts a site with the strict policy, whose socket tells a browser its own address. */
function openSite(): { origin: string } & AsyncDisposable {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request, info) => {
    if (request.headers.get("upgrade") === "websocket") {
      const { hostname } = info.remoteAddr;
      const { socket, response } = Deno.upgradeWebSocket(request);
      socket.addEventListener("open", () => socket.send(hostname));
      return response;
    }
    const { pathname } = new URL(request.url);
    const body = PAGES[pathname];
    if (body === undefined) return new Response(null, { status: 204 });
    if (pathname.endsWith(".js")) {
      return new Response(body, { headers: { "content-type": "text/javascript" } });
    }
    return new Response(
      `<!doctype html><html lang="en"><head><title>Page</title><link rel="icon" href="data:,"></head>
      <body>${body}</body></html>`,
      { headers: { "content-type": "text/html", "content-security-policy": `${POLICY}; img-src data:` } },
    );
  });
  const close = () => server.shutdown();
  return { origin: `http://127.0.0.1:${server.addr.port}`, [Symbol.asyncDispose]: close };
}

describe("a test browser", () => {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser[Symbol.asyncDispose]());

  it("starts inside one test and leaves nothing behind", async () => {
    await using site = openSite();
    await using own = await openBrowser();
    await using profile = await own.openProfile();
    const page = await profile.openPage(`${site.origin}/`);
    expect(await page.title()).toBe("Page");
  });

  it("shows a page without problems and without accessibility findings", async () => {
    await using site = openSite();
    await using profile = await browser.openProfile();
    const page = await profile.openPage(`${site.origin}/`);
    await expectNoAxeViolations(page);
    expect(profile.problems).toEqual([]);
  });

  it.each([
    ["/error", "broken on purpose"],
    ["/policy", "script-src-elem blocked inline"],
  ])("fails on closing for what %s reports", async (path, problem) => {
    await using site = openSite();
    const profile = await browser.openProfile();
    await profile.openPage(site.origin + path);
    await expect.poll(() => profile.problems.join()).toContain(problem);
    await expect(profile[Symbol.asyncDispose]()).rejects.toThrow(problem);
  });

  it("lets announced problems pass", async () => {
    await using site = openSite();
    await using profile = await browser.openProfile();
    profile.allowProblems(/on purpose/);
    await profile.openPage(`${site.origin}/error`);
    expect(profile.problems).toEqual([]);
  });

  it("names the accessibility rule that a page breaks", async () => {
    await using site = openSite();
    await using profile = await browser.openProfile();
    const page = await profile.openPage(`${site.origin}/poor`);
    await expect(expectNoAxeViolations(page)).rejects.toThrow("button-name");
  });

  it("reaches nothing beyond this machine from an address of its own", async () => {
    await using profile = await browser.openProfile({ localAddress: "127.1.2.3" });
    profile.allowProblems(/status of 403|ERR_/);
    const page = await profile.openPage();
    await expect(page.goto("http://parley.example/")).rejects.toThrow("ERR_HTTP_RESPONSE_CODE_FAILURE");
    await expect(page.goto("https://parley.example/")).rejects.toThrow("ERR_TUNNEL_CONNECTION_FAILED");
  });

  it("dials from an address of its own, sockets included", async () => {
    await using site = openSite();
    await using profile = await browser.openProfile({ localAddress: "127.1.2.3" });
    const page = await profile.openPage(`${site.origin}/`);
    await expect.poll(() => page.locator("#from").textContent()).toBe("127.1.2.3");
  });
});
