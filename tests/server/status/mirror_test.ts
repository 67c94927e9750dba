import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { StatusMirror } from "../../../server/status/copies/mirror.ts";
import { NASTY_TEXTS } from "../../client/ui/nasty_texts.ts";
import { expectNoAxeViolations } from "../../support/accessibility.ts";
import { openBrowser } from "../../support/browser.ts";
import type { TestBrowser } from "../../support/browser.ts";
import { serveFolder } from "../../support/served_folder.ts";
import { timeWords } from "../../../shared/status/times.ts";
import { temporaryFolder } from "../../support/temporary_folder.ts";
import { testApp } from "../../support/test_app.ts";
import type { TestApp } from "../../support/test_app.ts";
import { waitFor } from "../../support/wait.ts";

const ROOT = new URL("../../..", import.meta.url).pathname;
const PATHS = [
  "summary.json",
  "status.json",
  "components.json",
  "incidents.json",
  "incidents/unresolved.json",
  "scheduled-maintenances.json",
  "scheduled-maintenances/upcoming.json",
  "scheduled-maintenances/active.json",
];
let browser: TestBrowser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

async function measured(): Promise<{ app: TestApp; clock: { now: number } } & AsyncDisposable> {
  const clock = { now: Date.now() - 60_000 };
  const app = await testApp({ now: () => clock.now });
  for (let round = 0; round < 3; round++) {
    clock.now += 20_000;
    await app.server.monitor.tick();
  }
  return { app, clock, [Symbol.asyncDispose]: () => app[Symbol.asyncDispose]() };
}

async function readJson(folder: string, path: string) {
  return JSON.parse(await Deno.readTextFile(`${folder}/api/v2/${path}`));
}

function green(page: string): boolean {
  const icon = /<link rel="icon" href="([^"]*)"/.exec(page)?.[1] ?? "157a4c";
  return /<title>All systems operational|"verdict operational"/.test(page) || icon.includes("157a4c");
}

describe("a mirror", () => {
  it("shows what the server says, and since when that is not known", async () => {
    await using places = new AsyncDisposableStack();
    const { app, clock } = places.use(await measured());
    await app.owner.api.status.openIncident.mutate({
      title: "Old <b>one</b>",
      text: "We *look*.",
      components: [],
    })
      .then(({ id }) => app.owner.api.status.updateIncident.mutate({ id, state: "resolved", text: "Done." }));
    await using folder = await temporaryFolder();
    await using site = serveFolder(folder.path);
    const mirror = new StatusMirror({ origin: app.url, folder: folder.path, now: () => clock.now });
    expect(await mirror.round()).toBeNull();
    for (const path of PATHS) {
      const theirs = await (await fetch(`${app.url}/api/v2/${path}`)).json();
      expect(await readJson(folder.path, path), path).toEqual(theirs);
    }
    await using profile = await browser.openProfile();
    const page = await profile.openPage(site.url);
    expect(await page.title()).toBe("All systems operational · Parley status");
    await expectNoAxeViolations(page);

    await places.disposeAsync();
    clock.now += 60_000;
    expect(await mirror.round()).not.toBeNull();
    await page.reload();
    expect(await page.title()).toBe("The current state is unknown · Parley status");
    const verdict = await page.locator(".verdict").innerText();
    expect(verdict).toMatch(
      /Unreachable since \d+ \w+ 20\d\d, \d\d:\d\d UTC\. Last known state, .* UTC: All systems/,
    );
    expect((await page.locator(".state").allInnerTexts())[0]).toContain("Last known: Operational");
    expect(green(await page.content())).toBe(false);
    for (const colorScheme of ["light", "dark"] as const) {
      await using other = await browser.openProfile({ colorScheme, viewport: { width: 320, height: 700 } });
      const narrow = await other.openPage(site.url);
      await expectNoAxeViolations(narrow);
      expect(await narrow.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
    }
    const { status, components, page: { updated_at: at } } = await readJson(folder.path, "summary.json");
    expect(status).toMatchObject({ indicator: "minor", x_status: "unknown" });
    expect(new Set(components.map((one: { x_status: string }) => one.x_status))).toEqual(
      new Set(["unknown"]),
    );
    expect(Date.parse(at)).toBe(clock.now - 60_000);
    expect((await readJson(folder.path, "status.json")).status).toEqual(status);
    expect(await Deno.readTextFile(`${folder.path}/badge.svg`)).toContain("status: unknown");
    // Another start of the mirror knows what was known.
    const again = new StatusMirror({ origin: app.url, folder: folder.path, now: () => clock.now });
    await again.round();
    expect(await Deno.readTextFile(`${folder.path}/index.html`)).toContain("All systems operational");
    expect(green(await Deno.readTextFile(`${folder.path}/index.html`))).toBe(false);
  });

  it("shows announcements until they end, also while the page is down", async () => {
    await using places = new AsyncDisposableStack();
    const { app, clock } = places.use(await measured());
    const { announcements } = app.services.status;
    await announcements.announce({ text: "Use the *phone* <b>", level: "critical" }, app.owner.id);
    const expiresAt = new Date(clock.now + 90_000).toISOString();
    await announcements.announce({ text: "Back soon", level: "info", expiresAt }, app.owner.id);
    await using folder = await temporaryFolder();
    const mirror = new StatusMirror({ origin: app.url, folder: folder.path, now: () => clock.now });
    const page = () => Deno.readTextFile(`${folder.path}/index.html`);
    expect(await mirror.round()).toBeNull();
    expect(await page()).toMatch(/class="notice critical".*Use the <em>phone<\/em> &lt;b>/);
    expect(await page()).toContain("Back soon");
    await places.disposeAsync();
    clock.now += 60_000;
    expect(await mirror.round()).not.toBeNull();
    expect(await page()).toContain("Back soon");
    clock.now += 60_000;
    await mirror.round();
    expect(await page()).not.toContain("Back soon");
    expect(await page()).toContain("Use the <em>phone</em>");
  });

  it("looks as the page does, in words for people, with planned times, without a script", async () => {
    await using places = new AsyncDisposableStack();
    const { app, clock } = places.use(await measured());
    const { maintenances, incidents } = app.services.status;
    const { id: by } = app.owner;
    const components = [{ id: "live", status: "partial_outage" }] as const;
    await incidents.open({ title: "Live fails", text: "We look.", components }, by);
    const startsAt = new Date(clock.now + 30_000).toISOString();
    const endsAt = new Date(clock.now + 3_600_000).toISOString();
    const id = await maintenances.plan({
      title: "Move",
      text: "Soon.",
      components: ["storage"],
      startsAt,
      endsAt,
    }, by);
    await maintenances.update({ id, state: "in_progress", text: "We move." }, by);
    await using folder = await temporaryFolder();
    await using site = serveFolder(folder.path);
    const mirror = new StatusMirror({ origin: app.url, folder: folder.path, now: () => clock.now });
    expect(await mirror.round()).toBeNull();
    await using profile = await browser.openProfile({ javaScriptEnabled: false });
    const page = await profile.openPage(site.url);
    const open = () => page.locator(".open").evaluate((node) => node.getHTML());
    const theirs = await profile.openPage(`${app.url}/status`);
    const own = (await theirs.locator(".open").evaluate((node) => node.getHTML())).replaceAll(
      'href="/',
      `href="${app.url}/`,
    );
    expect(await open()).toBe(own);
    expect(await page.locator(".verdict h2").innerText()).toBe("Live connection fails for some people");
    expect(await page.locator(".brand").count()).toBe(1);
    const move = page.locator(".timeline.under_maintenance");
    const planned = [startsAt, endsAt].map((at) => timeWords(at, "en-GB", "UTC"));
    expect(await move.locator("small").innerText()).toBe(`In progress · ${planned.join(" – ")}`);
    await places.disposeAsync();
    clock.now += 7_200_000;
    expect(await mirror.round()).not.toBeNull();
    await page.reload();
    expect(await page.locator(".timeline.unknown h3").innerText()).toBe("Live fails");
    expect(await move.innerText()).not.toContain("Running longer");
  }, 60_000);

  it("is named on the page that it outlives", async () => {
    const statusMirrorUrl = "https://status.example.net/?a=1&b=<2>";
    await using app = await testApp({ config: { statusMirrorUrl } });
    const page = await (await fetch(`${app.url}/status`, { headers: { accept: "text/html" } })).text();
    expect(page).toContain(
      `href="https://status.example.net/?a=1&amp;b=&lt;2>">If this page does not answer</a>`,
    );
    await using other = await testApp();
    const without = await (await fetch(`${other.url}/status`, { headers: { accept: "text/html" } })).text();
    expect(without).not.toContain("If this page does not answer");
  });

  it("comes back when the server does", async () => {
    await using place = await measured();
    await using folder = await temporaryFolder();
    let isGone = true;
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
      if (isGone) return new Response("Bad gateway", { status: 502 });
      return fetch(`${place.app.url}${new URL(request.url).pathname}`);
    });
    const origin = `http://127.0.0.1:${server.addr.port}`;
    const mirror = new StatusMirror({ origin, folder: folder.path, now: () => place.clock.now });
    const page = () => Deno.readTextFile(`${folder.path}/index.html`);
    expect(await mirror.round()).toBe("It answers 502");
    expect(await page()).toContain("The current state is unknown");
    isGone = false;
    expect(await mirror.round()).toBeNull();
    expect(green(await page())).toBe(true);
    // What a cache gives for hours after the end says nothing about now.
    place.clock.now += 6 * 60_000;
    const old = await (await fetch(`${place.app.url}/api/v2/summary.json`)).json();
    expect(old.page.updated_at).toBe(new Date(place.clock.now).toISOString());
    const later = new StatusMirror({ origin, folder: folder.path, now: () => place.clock.now + 6 * 60_000 });
    expect(await later.round()).toBe("What it answers is old");
    expect(green(await page())).toBe(false);
    await server.shutdown();
  });

  it("believes nothing that has another form, and follows nobody elsewhere", async () => {
    await using place = await measured();
    await using folder = await temporaryFolder();
    const answers = async (path: string) => await (await place.app.device().fetch(path)).json();
    const good = await answers("/api/v2/summary.json");
    let answer: () => Response | Promise<Response> = () => Response.json({});
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
      const { pathname } = new URL(request.url);
      return pathname.endsWith("summary.json") ? await answer() : Response.json(await answers(pathname));
    });
    const origin = `http://127.0.0.1:${server.addr.port}`;
    const mirror = new StatusMirror({ origin, folder: folder.path, now: () => place.clock.now });
    const page = () => Deno.readTextFile(`${folder.path}/index.html`);
    const changed = (changes: object) => Response.json({ ...good, ...changes });
    const endless = () => {
      const chunk = new TextEncoder().encode(" ".repeat(65_536));
      return new Response(new ReadableStream({ pull: (controller) => controller.enqueue(chunk) }));
    };
    const hostile: Record<string, () => Response> = {
      "no JSON": () => new Response("<script>alert(1)</script>"),
      "nothing": () => Response.json(null),
      "another list": () => changed({ components: {} }),
      "another state": () => changed({ status: { ...good.status, x_status: "fine" } }),
      "no time": () => changed({ page: { ...good.page, updated_at: "now" } }),
      "an endless answer": endless,
      "a way to somebody else": () => Response.redirect(`${place.app.url}/api/v2/summary.json`),
    };
    for (const [name, make] of Object.entries(hostile)) {
      answer = make;
      expect(await mirror.round(), name).not.toBeNull();
      expect(green(await page()), name).toBe(false);
    }
    for (const nasty of NASTY_TEXTS) {
      const name = nasty.slice(0, 500);
      const components = good.components.map((one: object) => ({ ...one, name, description: name }));
      answer = () => changed({ components, page: { ...good.page, name } });
      expect(await mirror.round()).toBeNull();
      const text = await page();
      expect(text.match(/<script/g)?.length).toBe(1);
      expect(text).not.toMatch(/<(?:img|iframe|b|svg onload)\b/);
    }
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        answer = () => Response.json(value);
        expect(await mirror.round()).not.toBeNull();
        expect(green(await page())).toBe(false);
      }),
      { numRuns: 30 },
    );
    await server.shutdown();
  });
});

describe("deno task mirror", () => {
  it("writes a copy with permission for its folder and the server alone", async () => {
    await using place = await measured();
    await using folder = await temporaryFolder();
    const child = new Deno.Command(Deno.execPath(), {
      args: ["task", "--quiet", "mirror", place.app.url, `${folder.path}/www`],
      cwd: ROOT,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    try {
      await waitFor(() => Deno.stat(`${folder.path}/www/index.html`).then(() => true, () => false), {
        timeoutMs: 30_000,
        what: "the page is written",
      });
      expect((await readJson(`${folder.path}/www`, "status.json")).status.x_status).toBe("operational");
    } finally {
      child.kill("SIGTERM");
    }
    const { stdout, stderr } = await child.output();
    expect(new TextDecoder().decode(stderr)).toBe("");
    expect(new TextDecoder().decode(stdout)).toBe(
      `Mirroring ${place.app.url}/status in ${folder.path}/www\n`,
    );
  });

  it.each([[[]], [["http://chat.example.org", "www"]], [["https://chat.example.org/x", "www"]], [[
    "x",
    "www",
  ]]])(
    "explains itself for %j",
    async (args) => {
      const { code, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["task", "--quiet", "mirror", ...args],
        cwd: ROOT,
      }).output();
      expect(code).toBe(2);
      expect(new TextDecoder().decode(stderr)).toContain("Usage: deno task mirror URL DIR");
    },
  );
});
