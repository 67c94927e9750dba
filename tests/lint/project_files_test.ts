import { describe, expect, it } from "vitest";
import { importCycles, longStyleSheets, pagesWithInlineCode, readFiles } from "./project_files.ts";

const ROOT = `${import.meta.dirname}/../..`;

describe("style sheets", () => {
  it("have 200 lines at most", async () => {
    expect(longStyleSheets(await readFiles(ROOT, "static/css", /\.css$/))).toEqual([]);
  });

  it("are reported when longer", () => {
    const files = [{ path: "a.css", text: "a{}\n".repeat(201) }, {
      path: "b.css",
      text: "a{}\n".repeat(200),
    }];
    expect(longStyleSheets(files)).toEqual(["a.css"]);
  });

  it("are all part of one of the two that the page names, the tokens first", async () => {
    const files = await readFiles(ROOT, "static/css", /\.css$/);
    const nameOf = ({ path }: { path: string }) => path.split("/").at(-1) ?? "";
    const isSheet = (name: string) => name === "app.css" || name === "late.css";
    const sheets = files.filter((file) => isSheet(nameOf(file))).toSorted((a, b) => a.path < b.path ? -1 : 1);
    const imported = sheets.flatMap(({ text }) =>
      [...text.matchAll(/@import "\.\/([\w-]+\.css)";/g)].map(([, name]) => name)
    );
    const names = files.map(nameOf).filter((name) => !isSheet(name));
    expect(imported.toSorted()).toEqual(names.toSorted());
    expect(imported.slice(0, 2)).toEqual(["tokens.css", "base.css"]);
  });
});

describe("static pages", () => {
  it("hold no inline style and no inline script", async () => {
    expect(pagesWithInlineCode(await readFiles(ROOT, "static", /\.html$/))).toEqual([]);
  });

  it.each([
    `<p style="color:red">`,
    `<style>p{}</style>`,
    `<button onclick="x()">`,
    `<script>x()</script>`,
    `<script type="module">x()</script>`,
  ])("are reported with %s", (text) => {
    expect(pagesWithInlineCode([{ path: "a.html", text }])).toEqual(["a.html"]);
  });

  it("may load style and script", () => {
    const text = `<link rel="stylesheet" href="/a.css"><script type="module" src="/a.js"></script>`;
    expect(pagesWithInlineCode([{ path: "a.html", text }])).toEqual([]);
  });
});

describe("value imports", () => {
  it("make no circle", async () => {
    const sides = ["shared", "server", "client"];
    const files = await Promise.all(sides.map((side) => readFiles(ROOT, side, /\.tsx?$/)));
    expect(importCycles(files.flat())).toEqual([]);
  });

  it("are reported with the way round", () => {
    const files = [
      { path: "server/a.ts", text: `import { b } from "./b.ts";\n` },
      { path: "server/b.ts", text: `export {\n  c,\n} from "./c.ts";\n` },
      { path: "server/c.ts", text: `import "./a.ts";\n` },
    ];
    expect(importCycles(files)).toEqual([["server/a.ts", "server/b.ts", "server/c.ts", "server/a.ts"]]);
  });

  it("do not count when they only bring types", () => {
    const files = [
      { path: "server/a.ts", text: `import { b } from "./b.ts";\n` },
      { path: "server/b.ts", text: `import type { A } from "./a.ts";\nexport type { A } from "./a.ts";\n` },
    ];
    expect(importCycles(files)).toEqual([]);
  });
});
