import { securityHeaders } from "../../server/net/security_headers.ts";

/** A page of test components, with the app's own policy and styles. */
export interface ComponentPage extends AsyncDisposable {
  readonly url: string;
}

const ROOT = new URL("../../", import.meta.url);
const ENTRY = "main.js";
const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Parts</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<link rel="stylesheet" href="/app.css"><link rel="stylesheet" href="/late.css"><main id="app"></main><script type="module" src="/${ENTRY}"></script></html>`;

/** Bundles `entry`, a path below the project's folder, and serves it. */
export async function serveComponentPage(entry: string): Promise<ComponentPage> {
  const files = await bundle(entry);
  for (const name of ["app.css", "late.css"]) {
    const [styles] = await outputsOf(`static/css/${name}`);
    files.set(name, { type: "text/css", contents: styles?.text() ?? "" });
  }
  const headers = securityHeaders({ isHttps: false });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url);
    const file = pathname === "/" ? { type: "text/html", contents: PAGE } : files.get(pathname.slice(1));
    if (file === undefined) return new Response(null, { status: 404 });
    return new Response(file.contents, {
      headers: [...headers.map(([name, value]): [string, string] => [name, value]), [
        "Content-Type",
        file.type,
      ]],
    });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

interface PageFile {
  readonly type: string;
  readonly contents: string;
}

async function bundle(entry: string): Promise<Map<string, PageFile>> {
  const entryName = entry.split("/").at(-1)?.replace(/\.tsx$/, ".js");
  return new Map((await outputsOf(entry)).map((output) => {
    const name = output.path.split("/").at(-1) ?? "";
    return [name === entryName ? ENTRY : name, { type: "text/javascript", contents: output.text() }];
  }));
}

async function outputsOf(entry: string): Promise<Deno.bundle.OutputFile[]> {
  const result = await Deno.bundle({
    entrypoints: [new URL(entry, ROOT).pathname],
    outputDir: "bundle",
    write: false,
    platform: "browser",
    format: "esm",
    codeSplitting: true,
  });
  if (!result.success) throw new Error(result.errors.map(({ text }) => text).join("\n"));
  return result.outputFiles ?? [];
}
