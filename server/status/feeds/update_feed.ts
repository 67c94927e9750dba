import { Feed } from "feed";
import type { Item } from "feed";
import { isolated } from "../../../shared/format_characters.ts";
import type { Status, StatusComponent } from "../../../shared/status/status.ts";
import { feedEntries } from "./feed_entries.ts";
import type { FeedEntry, FeedSource } from "./feed_entries.ts";
import { renderLine, renderUpdateText } from "./UpdateText.tsx";

/** Kinds of feeds; each is served as `/status/feed.<kind>`. */
export const FEED_KINDS = ["atom", "rss"] as const;
/** One of FEED_KINDS. */
export type FeedKind = typeof FEED_KINDS[number];

/** What to write. */
export interface UpdateFeedOptions {
  readonly kind: FeedKind;
  /** The only component that it is about; null for all. */
  readonly component: StatusComponent | null;
}

/** What a feed is made of. */
export interface UpdateFeedSource extends FeedSource {
  readonly status: Status;
  /** Origin under which the page is served. */
  readonly url: string;
}

/** Minutes after which readers of RSS look again. */
const LOOK_AGAIN_MINUTES = 5;
/** From when on our host gives such ids (RFC 4151). */
const ID_YEAR = 2026;
/** What XML 1.0 forbids even as a reference. */
// deno-lint-ignore no-control-regex
const FORBIDDEN_PATTERN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;
/** Stands for `<` until the package has written; `FORBIDDEN_PATTERN` keeps it out of every text. */
const LESS_THAN = "\ufffe";

/** Writes each update of incidents and maintenance as an entry of its own, as Atom 1.0 or RSS 2.0. */
export function updateFeed(source: UpdateFeedSource, { kind, component }: UpdateFeedOptions): string {
  const { url, status: { page, components } } = source;
  const entries = feedEntries(source, component?.id ?? null);
  const query = component === null ? "" : `?component=${encodeURIComponent(component.id)}`;
  const subject = [...component === null ? [] : [component.name], page.name].map(isolated).join(" · ");
  const feed = new Feed({
    id: `${idPrefix(url)}feed${query}`,
    title: allowed(`${subject} status`),
    description: "Each update of incidents and maintenance",
    link: `${url}/status`,
    updated: new Date(entries[0]?.updatedAt ?? page.asOf),
    generator: "Parley",
    language: "en",
    ttl: LOOK_AGAIN_MINUTES,
    author: { name: allowed(page.name) },
    feedLinks: { [kind]: `${url}/status/feed.${kind}${query}` },
  });
  for (const entry of entries) {
    const about = components.filter(({ id }) => entry.components.includes(id));
    const category = about.map(({ id, name }) => ({ term: id, name: categoryName(name, kind) }));
    feed.addItem({ ...itemOf(entry, kind, url), category });
  }
  return kind === "atom" ? feed.atom1().replaceAll(LESS_THAN, "&lt;") : feed.rss2();
}

/** The package leaves `<` in attributes, which is what names are in Atom, and takes `&amp;` in texts for `&`. */
function categoryName(name: string, kind: FeedKind): string {
  return kind === "atom" ? allowed(name).replaceAll("<", LESS_THAN) : allowed(name).replaceAll("&", "&amp;");
}

function itemOf(entry: FeedEntry, kind: FeedKind, url: string): Item {
  const html = allowed(renderUpdateText(entry));
  const title = allowed(entry.title);
  return {
    id: `${idPrefix(url)}${entry.id}`,
    link: `${url}${entry.path}`,
    date: new Date(entry.updatedAt),
    published: new Date(entry.at),
    // The package marks titles of Atom as HTML; those of RSS are plain text.
    ...(kind === "atom" ? { title: renderLine(title), content: html } : { title, description: html }),
  };
}

function idPrefix(url: string): string {
  return `tag:${new URL(url).hostname.replace(/[[\]]/g, "").replaceAll(":", "-")},${ID_YEAR}:`;
}

function allowed(text: string): string {
  return text.toWellFormed().replace(FORBIDDEN_PATTERN, "");
}
