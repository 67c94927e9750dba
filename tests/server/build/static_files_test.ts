import { describe, expect, it } from "vitest";
import { readBuilt, writeBuilt } from "../../../server/build/built_folder.ts";
import { makeFile } from "../../../server/build/built_file.ts";
import type { BuiltFile } from "../../../server/build/built_file.ts";
import { bundleClient } from "../../../server/build/client_bundle.ts";
import { RawClient } from "../../support/raw_client.ts";
import { testApp } from "../../support/test_app.ts";

const SCRIPT = "console.log('hello');\n".repeat(200);
const SIGNED_OUT = "<!doctype html><title>Parley</title>";
const ROOMS = "<!doctype html><title>Rooms of Parley</title>";
const bytes = (text: string) => new TextEncoder().encode(text);

function files(): BuiltFile[] {
  return [
    makeFile("/signed_out.html", bytes(SIGNED_OUT), { isImmutable: false, isCompressed: true }),
    makeFile("/rooms.html", bytes(ROOMS), { isImmutable: false, isCompressed: true }),
    makeFile("/static/app-1234.js", bytes(SCRIPT), { isImmutable: true, isCompressed: true }),
    makeFile("/static/favicon.svg", bytes("<svg/>"), { isImmutable: false, isCompressed: true }),
  ];
}

describe("static files", () => {
  it("serves the app for each of its pages, and 404 for others", async () => {
    await using app = await testApp({ files: files() });
    const { fetch } = app.device();
    for (
      const path of [
        "/",
        "/setup",
        "/join",
        "/reset",
        "/doctor",
        "/share",
        "/r/6jZfT0DuQPmehyGS",
        "/r/6jZfT0DuQPmehyGS/17",
      ]
    ) {
      const response = await fetch(path);
      expect([path, response.status, await response.text()]).toEqual([
        path,
        200,
        SIGNED_OUT,
      ]);
      expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
      expect(response.headers.get("cache-control")).toBe("no-cache");
    }
    for (
      const path of [
        "/r",
        "/r/",
        "/r/a/b",
        "/setup/x",
        "/index.html",
        "/rooms.html",
        "/signed_out.html",
        "/favicon.ico",
      ]
    ) {
      const response = await fetch(path);
      await response.body?.cancel();
      expect([path, response.status]).toEqual([path, 404]);
    }
  });

  it("serves the rooms page to browsers with a session, except at the sign-in links", async () => {
    await using app = await testApp({ files: files() });
    const { fetch } = app.device();
    const ask = async (path: string, cookie: string, etag = '"none"') => {
      const response = await fetch(path, { headers: { cookie, "if-none-match": etag } });
      return { response, text: await response.text() };
    };
    for (const path of ["/", "/doctor", "/r/6jZfT0DuQPmehyGS"]) {
      for (const cookie of ["sid=abc", "theme=dark; __Host-sid=abc"]) {
        const { response, text } = await ask(path, cookie);
        expect([path, cookie, text]).toEqual([path, cookie, ROOMS]);
        // Caches must not serve one's page to the other.
        expect(response.headers.get("vary")).toBe("Accept-Encoding, Cookie");
        const signedOut = await ask(path, "", response.headers.get("etag") ?? "");
        expect([signedOut.response.status, signedOut.text]).toEqual([200, SIGNED_OUT]);
      }
      expect((await ask(path, "sid=; other=1")).text).toBe(SIGNED_OUT);
      expect((await ask(path, "xsid=abc")).text).toBe(SIGNED_OUT);
    }
    for (const path of ["/setup", "/join", "/reset"]) {
      expect((await ask(path, "sid=abc")).text).toBe(SIGNED_OUT);
    }
  });

  it("names the copy of the status page in its pages, compressed and with a tag of their own", async () => {
    const page = (mirror: string) =>
      `<!doctype html><meta name="status-mirror" content="${mirror}">${"<p>Parley</p>".repeat(40)}`;
    const built = [
      makeFile("/signed_out.html", bytes(page("")), { isImmutable: false, isCompressed: true }),
      makeFile("/rooms.html", bytes(page("")), { isImmutable: false, isCompressed: true }),
    ];
    const etags = new Set<string | null>();
    const addresses = { none: null, one: "https://a.example/?a=1&b='$&", another: "https://b.example/" };
    for (const [name, statusMirrorUrl] of Object.entries(addresses)) {
      await using app = await testApp({ files: built, config: { statusMirrorUrl } });
      const { fetch } = app.device();
      for (const cookie of ["", "sid=abc"]) {
        const headers = { cookie, "accept-encoding": "br" };
        const response = await fetch("/", { headers });
        const policy = response.headers.get("content-security-policy");
        expect([name, response.headers.get("content-encoding"), policy?.includes("script-src 'self'")])
          .toEqual([name, "br", true]);
        const written = (statusMirrorUrl ?? "").replace("&", "&amp;").replace("'", "&#39;").replace(
          "$&",
          "$&amp;",
        );
        expect(await response.text()).toBe(page(written));
        const etag = response.headers.get("etag");
        etags.add(etag);
        const again = await fetch("/", { headers: { ...headers, "if-none-match": etag ?? "" } });
        expect([again.status, await again.text()]).toEqual([304, ""]);
      }
    }
    expect(etags.size).toBe(3);
  });

  it("serves the smallest encoding the browser accepts, cached forever if the name has a hash", async () => {
    await using app = await testApp({ files: files() });
    const ask = async (accepted: string) => {
      await using client = await RawClient.dial(app.port, app.device().address);
      client.request(["GET /static/app-1234.js HTTP/1.1", "Host: x", `Accept-Encoding: ${accepted}`]);
      await client.answered();
      return client;
    };
    expect((await ask("gzip, br")).headers.get("content-encoding")).toBe("br");
    expect((await ask("gzip, br;q=0")).headers.get("content-encoding")).toBe("gzip");
    const plain = await ask("identity");
    expect([plain.headers.get("content-encoding"), plain.headers.get("vary")]).toEqual([
      undefined,
      "Accept-Encoding",
    ]);
    expect(plain.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    const response = await app.device().fetch("/static/app-1234.js");
    expect(await response.text()).toBe(SCRIPT);
  });

  it("answers 304 to browsers that have the file, with the usual headers", async () => {
    await using app = await testApp({ files: files() });
    const { fetch } = app.device();
    const first = await fetch("/static/favicon.svg");
    const etag = first.headers.get("etag") ?? "";
    await first.body?.cancel();
    for (const header of [etag, `W/${etag}`, `"other", ${etag}`]) {
      const second = await fetch("/static/favicon.svg", { headers: { "if-none-match": header } });
      expect([second.status, await second.text(), second.headers.get("x-content-type-options")]).toEqual([
        304,
        "",
        "nosniff",
      ]);
    }
    const changed = await fetch("/static/favicon.svg", { headers: { "if-none-match": '"other"' } });
    expect([changed.status, await changed.text()]).toEqual([200, "<svg/>"]);
  });

  it("T17 serves by exact path, without path traversal", async () => {
    await using app = await testApp({ files: files() });
    const crooked = [
      "/../deno.json",
      "/static/../../deno.json",
      "/static/%2e%2e/%2e%2e/deno.json",
      "/static/..%2f..%2fdeno.json",
      "/static/..%5c..%5cdeno.json",
      "/static/app-1234.js%00.html",
      "//static/app-1234.js",
      "/static//app-1234.js",
      "/static/%61pp-1234.js",
    ];
    const missing = [
      "/static/",
      "/static",
      "/static/APP-1234.js",
      "/static/app-1234.js.",
      "/static/app-1234.js/",
      "/static/.env",
      "/.git/config",
      "/server/main.ts",
      "/deno.json",
      "/static/built/files.json",
      "/static/css/base.css",
    ];
    for (const path of [...crooked, ...missing]) {
      await using client = await RawClient.dial(app.port, app.device().address);
      client.request([`GET ${path} HTTP/1.1`, "Host: 127.0.0.1"]);
      await client.answered();
      expect([path, client.status]).toEqual([path, missing.includes(path) ? 404 : 400]);
    }
  });
});

describe("built folder", () => {
  it("returns what was written, and drops what was there before", async () => {
    const folder = await Deno.makeTempDir({ prefix: "parley-test-" });
    try {
      expect(await readBuilt(folder)).toBeNull();
      await writeBuilt(folder, [
        ...files(),
        makeFile("/static/old.js", bytes("old"), { isImmutable: true, isCompressed: true }),
      ]);
      await writeBuilt(folder, files());
      expect(await readBuilt(folder)).toEqual(files());
      const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
      expect(names).toHaveLength(1 + 4 + 2);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
});

describe("client bundle", () => {
  it("names scripts and styles by their contents, and links them in the page", async () => {
    const root = await Deno.makeTempDir({ prefix: "parley-test-" });
    try {
      for (
        const folder of ["client/app", "client/net", "client/status/page", "static/css", "static/built"]
      ) {
        await Deno.mkdir(`${root}/${folder}`, { recursive: true });
      }
      await Deno.writeTextFile(
        `${root}/client/main.tsx`,
        'import { both } from "./both.ts";\nconsole.log(both);\n' +
          'import("./app/chat_part.ts");\nimport("./app/SignedOutPages.tsx");\nimport("./late.ts");',
      );
      await Deno.writeTextFile(`${root}/client/both.ts`, 'export const both = "both";');
      await Deno.mkdir(`${root}/client/offline`);
      await Deno.writeTextFile(`${root}/client/service_worker.ts`, 'console.log("worker");');
      await Deno.writeTextFile(`${root}/client/offline/dev_worker.ts`, 'console.log("no worker");');
      await Deno.writeTextFile(`${root}/client/early.ts`, 'console.log("early");');
      await Deno.writeTextFile(`${root}/client/late.ts`, 'export const late = "late";');
      await Deno.writeTextFile(
        `${root}/client/app/chat_part.ts`,
        'import { both } from "../both.ts";\nexport const chat = `chat and ${both}`;',
      );
      await Deno.writeTextFile(`${root}/client/app/SignedOutPages.tsx`, 'export const page = "signed out";');
      await Deno.writeTextFile(`${root}/client/status/page/status_page.ts`, 'console.log("status");');
      await Deno.writeTextFile(`${root}/client/net/dev_reload.ts`, 'console.log("reload");');
      await Deno.writeTextFile(`${root}/static/css/rooms.css`, ".room { color: red; }");
      await Deno.writeTextFile(`${root}/static/css/tokens.css`, ":root { --a: 1; }");
      await Deno.writeTextFile(
        `${root}/static/css/app.css`,
        '@import "./tokens.css";\n@import "./rooms.css";\n',
      );
      await Deno.writeTextFile(`${root}/static/css/dialogs.css`, ".dialog { color: blue; }");
      await Deno.writeTextFile(`${root}/static/css/late.css`, '@import "./dialogs.css";\n');
      await Deno.writeTextFile(`${root}/static/favicon.svg`, "<svg/>");
      await Deno.writeTextFile(`${root}/static/.hidden.svg`, "<svg/>");
      await Deno.writeTextFile(`${root}/static/notes.md`, "private");
      await Deno.symlink("/etc/passwd", `${root}/static/passwd.txt`);
      await Deno.writeTextFile(
        `${root}/static/index.html`,
        '<link rel="stylesheet" href="/static/app.css"><link rel="stylesheet" href="/static/late.css" disabled>' +
          '<script type="module" src="/static/app.js"></script>',
      );
      const built = await bundleClient({ root, isDev: false });
      // The hash depends on the folder of the test, so it must not decide the order.
      const nameOf = (path: string) => path.replace(/-[\w-]+\./, "-HASH.");
      const paths = built.map(({ path }) => path).sort((a, b) => nameOf(a) < nameOf(b) ? -1 : 1);
      const names = paths.map(nameOf);
      expect(names).toEqual([
        "/rooms.html",
        "/signed_out.html",
        "/static/SignedOutPages-HASH.js",
        "/static/app-HASH.css",
        "/static/app-HASH.js",
        "/static/chat_part-HASH.js",
        "/static/chunk-HASH.js",
        "/static/early-HASH.js",
        "/static/favicon.svg",
        "/static/late-HASH.css",
        "/static/late-HASH.js",
        "/static/status_page-HASH.js",
        "/sw.js",
      ]);
      const textOf = (pattern: RegExp) => {
        const file = built.find(({ path }) => pattern.test(path));
        return new TextDecoder().decode(file?.contents);
      };
      expect(textOf(/app-.*\.css$/)).toBe(":root{--a: 1}.room{color:red}\n");
      expect(textOf(/late-.*\.css$/)).toBe(".dialog{color:#00f}\n");
      // Each page links everything its first view needs, and the disabled style sheet.
      const named = (page: RegExp) => names.filter((_, at) => textOf(page).includes(`"${paths[at]}"`));
      const first = ["/static/app-HASH.css", "/static/app-HASH.js"];
      const late = "/static/late-HASH.css";
      expect(named(/signed_out\.html$/)).toEqual(
        ["/static/SignedOutPages-HASH.js", ...first, "/static/chunk-HASH.js", late],
      );
      expect(named(/rooms\.html$/)).toEqual(
        [...first, "/static/chat_part-HASH.js", "/static/chunk-HASH.js", "/static/early-HASH.js", late],
      );
      expect(textOf(/rooms\.html$/)).toMatch(
        /<link rel="stylesheet" href="\/static\/late-[\w-]+\.css" disabled>/,
      );
      const dev = await bundleClient({ root, isDev: true });
      const page = dev.find(({ path }) => path === "/signed_out.html");
      expect(new TextDecoder().decode(page?.contents)).toMatch(/src="\/static\/dev-[\w-]+\.js"/);
      await Deno.writeTextFile(`${root}/client/main.tsx`, "const = 1;");
      await expect(bundleClient({ root, isDev: false })).rejects.toThrow(
        /Cannot bundle the client:\n[^]*main\.tsx:1/,
      );
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  });
});
