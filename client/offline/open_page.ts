import { readSharedText } from "../../shared/app_pages.ts";

/** A page that has not come by then is shown from the cache. */
export const PAGE_PATIENCE_MS = 3_000;
/** What proxies answer when there is no server behind them. */
const GONE_STATUSES = new Set([502, 503, 504]);

/** Options of `openPage`. */
export interface OpenPageOptions {
  /** Asks the server. */
  readonly fetch: () => Promise<Response>;
  /** The kept page; null if it was removed. */
  readonly kept: () => Promise<Response | null>;
}

/** Answers with the server's page or, if that does not come in time or at all, with the kept one. */
export async function openPage({ fetch, kept }: OpenPageOptions): Promise<Response> {
  const asked = fetch();
  const late = Promise.withResolvers<null>();
  const timer = setTimeout(late.resolve, PAGE_PATIENCE_MS, null);
  try {
    const answer = await Promise.race([asked.catch(() => null), late.promise]);
    if (answer !== null && !GONE_STATUSES.has(answer.status)) return answer;
    return await kept() ?? await asked;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Returns where a page that holds a shared text is opened instead: the text goes to the fragment, so that no server sees
 * it. Null for other pages.
 */
export function withoutShared(url: URL): string | null {
  if (url.pathname !== "/share" || url.search === "") return null;
  return `${url.origin}/share#${encodeURIComponent(readSharedText(url.searchParams))}`;
}
