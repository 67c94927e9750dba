// deno-lint-ignore no-import-prefix -- test tool: kept out of deno.json, which every start fetches
import { parseAtomFeed, parseRssFeed } from "npm:feedsmith@3.0.1";
// deno-lint-ignore no-import-prefix -- test tool: kept out of deno.json, which every start fetches
import { SaxesParser } from "npm:saxes@6.0.0";
import { describe, expect, it } from "vitest";
import { isolated } from "../../../shared/format_characters.ts";
import type { StatusId } from "../../../shared/ids.ts";
import { COMPONENT_NAME_MAX_CHARACTERS } from "../../../shared/limits.ts";
import { NASTY_TEXTS } from "../../client/ui/nasty_texts.ts";
import { testApp } from "../../support/test_app.ts";
import type { TestApp } from "../../support/test_app.ts";

const HOUR_MS = 3_600_000;
const NOW = Date.parse("2030-01-31T12:00:00.000Z");
const PREFIX = "tag:127.0.0.1,2026:incident/";
/** What XML cannot carry. */
// deno-lint-ignore no-control-regex
const FORBIDDEN_PATTERN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;
const HOSTILE_TEXTS = [
  ...NASTY_TEXTS,
  "]]>",
  "]]]]>><script>alert(1)</script>",
  "<![CDATA[",
  "&amp; &#0; &nbsp; &x;",
  "a\u0000b\u0008c\u000bd\u001be\ufffef\uffff",
  "\ud800 alone, \udc00 too",
  "\u202eright to left\u202c שלום",
];

async function get(app: TestApp, path: string): Promise<string> {
  const response = await app.device().fetch(`${app.url}${path}`);
  expect([path, response.status]).toEqual([path, 200]);
  return await response.text();
}

async function atom(app: TestApp, query = "") {
  const text = await get(app, `/status/feed.atom${query}`);
  xmlTexts(text);
  return parseAtomFeed(text);
}

async function rss(app: TestApp, query = "") {
  const text = await get(app, `/status/feed.rss${query}`);
  xmlTexts(text);
  return parseRssFeed(text);
}

/** Reads text with a strict parser, which throws unless it is well-formed; gives the texts of one element. */
function xmlTexts(text: string, name = ""): string[] {
  const texts: string[] = [];
  const open: string[] = [];
  const add = (part: string) => {
    if (open.at(-1) === name) texts.push(`${texts.pop()}${part}`);
  };
  const parser = new SaxesParser();
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", (tag) => {
    open.push(tag.name);
    if (tag.name === name) texts.push("");
  });
  parser.on("closetag", () => void open.pop());
  parser.on("text", add);
  parser.on("cdata", add);
  parser.write(text).close();
  return texts;
}

/** The names of components at the entries of an Atom feed. */
function categoryLabels(text: string): (string | undefined)[] {
  const labels: (string | undefined)[] = [];
  const parser = new SaxesParser();
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", ({ name, attributes }) => {
    if (name === "category") labels.push(attributes["label"]);
  });
  parser.write(text).close();
  return labels;
}

/** What a reader shows of markup. */
function plain(html: string): string {
  return html.replaceAll("&lt;", "<").replaceAll("&quot;", '"').replaceAll("&amp;", "&");
}

/** An incident about live connections, another one, and a maintenance of storage. */
async function fill(
  app: TestApp,
  clock: { now: number },
): Promise<Record<"live" | "other" | "move", StatusId>> {
  const { incidents, maintenances } = app.services.status;
  const by = app.owner.id;
  const live = await incidents.open(
    { title: "Live fails", text: "It *fails*.", components: [{ id: "live", status: "major_outage" }] },
    by,
  );
  clock.now += 60_000;
  const other = await incidents.open({ title: "Other", text: "Odd.", components: [] }, by);
  clock.now += 60_000;
  const move = await maintenances.plan({
    title: "Move",
    text: "We move.",
    components: ["storage"],
    startsAt: new Date(NOW + HOUR_MS).toISOString(),
    endsAt: new Date(NOW + 2 * HOUR_MS).toISOString(),
  }, by);
  clock.now += 60_000;
  await incidents.update({ id: live, state: "resolved", text: "It works." }, by);
  return { live, other, move };
}

describe("the feeds of the status page", () => {
  it("have an entry for each update of incidents and maintenance, the newest first", async () => {
    const clock = { now: NOW };
    await using app = await testApp({ now: () => clock.now });
    const empty = await atom(app);
    expect([empty.title?.value ?? empty.title, empty.entries ?? []]).toEqual(["Parley status", []]);
    expect((await rss(app)).items ?? []).toEqual([]);
    const { live, other, move } = await fill(app, clock);
    const ids = [`${live}/2`, `${move}/1`, `${other}/1`, `${live}/1`].map((id) => `${PREFIX}${id}`);
    const { entries = [], ...head } = await atom(app);
    expect(entries.map(({ id }) => id)).toEqual(ids);
    expect(head).toMatchObject({
      id: "tag:127.0.0.1,2026:feed",
      updated: "2030-01-31T12:03:00.000Z",
      authors: [{ name: "Parley" }],
    });
    expect(head.links).toContainEqual({ rel: "self", href: `${app.url}/status/feed.atom` });
    const [resolved, planned] = entries;
    expect(resolved).toMatchObject({
      updated: "2030-01-31T12:03:00.000Z",
      published: "2030-01-31T12:03:00.000Z",
      categories: [{ term: "live", label: "Live connection" }],
    });
    expect(resolved?.links?.[0]?.href).toMatch(
      new RegExp(`^${app.url}/status/incidents/${live}#[\\w-]{16}$`),
    );
    expect(JSON.stringify(entries.map(({ title }) => title))).toMatch(
      /Resolved: Live fails.*Scheduled: Move.*Investigating: Other.*Investigating: Live fails/,
    );
    expect(JSON.stringify(entries.at(-1)?.content)).toContain("<em>fails</em>");
    expect(JSON.stringify(planned?.content)).toContain(">2030-01-31 13:00 UTC</time>");
    const { items = [] } = await rss(app);
    expect(items.map(({ guid }) => guid)).toEqual(ids.map((value) => ({ value, isPermaLink: false })));
    expect(items[0]).toMatchObject({
      title: "Resolved: Live fails",
      pubDate: "Thu, 31 Jan 2030 12:03:00 GMT",
      link: resolved?.links?.[0]?.href,
    });
    const page = await get(app, `/status/incidents/${live}`);
    expect(page).toContain(`id="${resolved?.links?.[0]?.href?.split("#")[1]}"`);
  });

  it("keep the id of an entry that is corrected, and drop those of a deleted incident", async () => {
    const clock = { now: NOW };
    await using app = await testApp({ now: () => clock.now });
    const { live, other } = await fill(app, clock);
    const { incidents, board } = app.services.status;
    const [update] = board.incidents().find(({ id }) => id === other)?.updates ?? [];
    clock.now += HOUR_MS;
    await incidents.editUpdate(other, update?.id as StatusId, "Very odd.", app.owner.id);
    await incidents.delete(live, app.owner.id);
    const { entries = [] } = await atom(app);
    expect(entries[0]).toMatchObject({
      id: `${PREFIX}${other}/1`,
      published: "2030-01-31T12:01:00.000Z",
      updated: "2030-01-31T13:03:00.000Z",
    });
    expect(JSON.stringify(entries[0]?.content)).toContain("Very odd.");
    expect(entries.length).toBe(2);
  });

  it("can be about one component, and are not found for one that is not shown", async () => {
    const clock = { now: NOW };
    await using app = await testApp({ now: () => clock.now });
    const { live, move } = await fill(app, clock);
    const { entries = [], ...head } = await atom(app, "?component=live");
    expect(entries.map(({ id }) => id)).toEqual([`${PREFIX}${live}/2`, `${PREFIX}${live}/1`]);
    expect(head.id).toBe("tag:127.0.0.1,2026:feed?component=live");
    expect(head.links).toContainEqual({ rel: "self", href: `${app.url}/status/feed.atom?component=live` });
    const { items = [] } = await rss(app, "?component=storage");
    expect(items.map(({ guid }) => guid?.value)).toEqual([`${PREFIX}${move}/1`]);
    await app.services.status.components.set("live", { isHidden: true }, app.owner.id);
    await app.services.status.refresh();
    for (const component of ["live", "tea", "", "__proto__", "%00", "x".repeat(5_000)]) {
      const response = await app.device().fetch(`${app.url}/status/feed.atom?component=${component}`);
      await response.body?.cancel();
      expect([component, response.status]).toEqual([component, 404]);
    }
  });

  it("T16 are well-formed and mean the same whatever people write", async () => {
    await using app = await testApp();
    const { incidents } = app.services.status;
    for (const text of HOSTILE_TEXTS.filter((one) => one.trim() !== "")) {
      const title = `[${text.replaceAll(/[\r\n]/g, " ")}]`;
      const id = await incidents.open(
        { title, text: `\`\`\`\n${text}\n\`\`\``, components: [] },
        app.owner.id,
      );
      const expected = `Investigating: ${isolated(app.services.status.board.incidents()[0]?.title ?? "")}`
        .toWellFormed()
        .replaceAll(FORBIDDEN_PATTERN, "");
      const [item, entry] = [
        await get(app, "/status/feed.rss"),
        await get(app, "/status/feed.atom"),
      ] as const;
      // The first title and description are those of the feed.
      expect(xmlTexts(item, "title")[1]).toBe(expected);
      expect(xmlTexts(entry, "title").map(plain)[1]).toBe(expected);
      expect(xmlTexts(entry, "id")[1]).toBe(`${PREFIX}${id}/1`);
      expect(xmlTexts(entry, "content")[0]).not.toContain("<script");
      expect(xmlTexts(entry, "content")[0]).toBe(xmlTexts(item, "description")[1]);
      await incidents.delete(id, app.owner.id);
    }
  });

  it("T16 are well-formed whatever a component is named", async () => {
    const clock = { now: NOW };
    await using app = await testApp({ now: () => clock.now });
    await fill(app, clock);
    const { status } = app.services;
    for (const text of HOSTILE_TEXTS) {
      const line = Array.from(text.replaceAll(/[\r\n]/g, " "));
      const name = `[${line.slice(0, COMPONENT_NAME_MAX_CHARACTERS - 2).join("")}]`;
      await status.components.set("live", { name }, app.owner.id);
      await status.refresh();
      await status.tellChanges();
      const shown = status.board.components().find(({ id }) => id === "live")?.name ?? "";
      const expected = shown.toWellFormed().replaceAll(FORBIDDEN_PATTERN, "");
      for (const query of ["", "?component=live"]) {
        const entries = await get(app, `/status/feed.atom${query}`);
        expect(categoryLabels(entries)[0]).toBe(expected);
        const items = await get(app, `/status/feed.rss${query}`);
        expect(xmlTexts(items, "category")[0]).toBe(expected);
      }
    }
  });

  it("are cached for a moment and asked for again by ETag", async () => {
    await using app = await testApp();
    for (const kind of ["atom", "rss"]) {
      const url = `${app.url}/status/feed.${kind}`;
      const head = await fetch(url, { method: "HEAD" });
      expect([head.status, await head.text()]).toEqual([200, ""]);
      expect(head.headers.get("content-type")).toBe(`application/${kind}+xml; charset=utf-8`);
      expect(head.headers.get("cache-control")).toBe("max-age=10, must-revalidate");
      const etag = head.headers.get("etag") ?? "";
      const ask = async () => {
        const response = await fetch(url, { headers: { "If-None-Match": etag } });
        await response.body?.cancel();
        return response.status;
      };
      expect(await ask()).toBe(304);
      await app.services.status.incidents.open({ title: "New", text: "New.", components: [] }, app.owner.id);
      expect(await ask()).toBe(200);
    }
  });
});
