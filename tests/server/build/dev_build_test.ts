import { describe, expect, it } from "vitest";
import type { BuiltFile } from "../../../server/build/built_file.ts";
import { DevBuild } from "../../../server/build/dev_build.ts";
import { Log } from "../../../server/log.ts";
import { openBrowser } from "../../support/browser.ts";
import type { Page } from "../../support/browser.ts";

const REPO = new URL("../../..", import.meta.url).pathname;

interface Sources extends AsyncDisposable {
  readonly root: string;
  /** Rewrites a style sheet; the colour can be read from `--app` and `--late`. */
  paint(sheet: "app" | "late", colour: string): Promise<void>;
}

/** A folder of sources with little more than two style sheets. */
async function openSources(): Promise<Sources> {
  const root = await Deno.makeTempDir({ prefix: "parley-test-" });
  for (const folder of ["client/net", "client/status/page", "shared", "static/css"]) {
    await Deno.mkdir(`${root}/${folder}`, { recursive: true });
  }
  await Deno.writeTextFile(`${root}/client/main.tsx`, "console.log(1);");
  await Deno.writeTextFile(`${root}/client/early.ts`, "console.log(0);");
  await Deno.mkdir(`${root}/client/offline`, { recursive: true });
  await Deno.writeTextFile(`${root}/client/offline/dev_worker.ts`, "console.log(0);");
  await Deno.writeTextFile(`${root}/client/status/page/status_page.ts`, "console.log(2);");
  for (const file of ["client/net/dev_reload.ts", "static/index.html", "static/favicon.svg"]) {
    await Deno.copyFile(`${REPO}/${file}`, `${root}/${file}`);
  }
  const paint: Sources["paint"] = (sheet, colour) =>
    Deno.writeTextFile(`${root}/static/css/${sheet}.css`, `html { --${sheet}: ${colour}; }\n`);
  await paint("app", "red");
  await paint("late", "red");
  return { root, paint, [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }) };
}

/** Builds on each change and serves the result. */
async function serve(root: string): Promise<AsyncDisposable & { readonly url: string }> {
  let files: readonly BuiltFile[] = [];
  const log = new Log({ level: "error", format: "text" });
  const build = new DevBuild({ root, log, onBuilt: (built) => files = built });
  await build.start();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/dev/events") return build.events();
    const file = files.find(({ path }) => path === (pathname === "/" ? "/signed_out.html" : pathname));
    if (file === undefined) return new Response(null, { status: 404 });
    return new Response(file.contents, { headers: { "content-type": file.type } });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    [Symbol.asyncDispose]: async () => {
      build.stop();
      await server.shutdown();
    },
  };
}

const colourOf = (page: Page, sheet: string) =>
  page.evaluate((sheet) => getComputedStyle(document.documentElement).getPropertyValue(`--${sheet}`), sheet);

/** A build takes time on a busy machine. */
const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 20_000 });

const sheetsOf = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLLinkElement>("link[rel=stylesheet]")].map(({ href, disabled }) =>
      `${new URL(href).pathname.replace(/-[\w-]{16}\./, ".")}${disabled ? " off" : ""}`
    )
  );

describe("development", () => {
  it("replaces a changed style sheet without reloading the page", async () => {
    await using sources = await openSources();
    await using server = await serve(sources.root);
    await using browser = await openBrowser();
    await using profile = await browser.openProfile();
    const page = await profile.openPage();
    const isFollowed = page.waitForResponse(/\/dev\/events$/);
    await page.goto(server.url);
    await isFollowed;
    await page.evaluate(() => document.title = "the same page");

    await sources.paint("app", "green");
    await eventually(() => colourOf(page, "app")).toBe("green");
    // A disabled style sheet stays disabled, and is the new one once it is enabled.
    const late = page.locator("link[disabled]");
    const before = await late.getAttribute("href");
    await sources.paint("late", "green");
    await eventually(() => late.getAttribute("href")).not.toBe(before);
    expect(await colourOf(page, "late")).toBe("");
    await eventually(() => sheetsOf(page)).toEqual(["/static/app.css", "/static/late.css off"]);
    await late.evaluate((link) => link.removeAttribute("disabled"));
    await eventually(() => colourOf(page, "late")).toBe("green");

    await sources.paint("late", "blue");
    await eventually(() => colourOf(page, "late")).toBe("blue");
    await eventually(() => sheetsOf(page)).toEqual(["/static/app.css", "/static/late.css"]);
    expect(await page.title()).toBe("the same page");
  });
});
