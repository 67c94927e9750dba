import type { Page, Profile } from "./browser.ts";

/** A page, script, style sheet or picture that a browser has fetched. */
export interface FetchedFile {
  readonly path: string;
  /** Of the body as it came over the wire, brotli and all. */
  readonly bytes: number;
}

/** Opens a page and lists all files that came until `shown` is done; answers of the API are none. */
export async function fetchedUntil(
  profile: Profile,
  url: string,
  shown: (page: Page) => Promise<unknown>,
): Promise<FetchedFile[]> {
  const page = await profile.openPage();
  const session = await profile.context.newCDPSession(page);
  await session.send("Network.enable");
  const paths = new Map<string, string>();
  const bytes = new Map<string, number>();
  const fetched: FetchedFile[] = [];
  session.on("Network.requestWillBeSent", ({ requestId, request }) => {
    paths.set(requestId, new URL(request.url).pathname);
  });
  session.on("Network.responseReceived", ({ requestId, response }) => {
    const length = Object.entries(response.headers).find(([name]) => name.toLowerCase() === "content-length");
    bytes.set(requestId, Number(length?.[1]));
  });
  session.on("Network.loadingFinished", ({ requestId }) => {
    const path = paths.get(requestId) ?? "";
    if (!path.startsWith("/trpc/")) fetched.push({ path, bytes: bytes.get(requestId) ?? NaN });
  });
  await page.goto(url);
  await shown(page);
  await session.detach();
  return fetched;
}

/** Adds up what came. */
export function totalBytes(fetched: readonly FetchedFile[]): number {
  return fetched.reduce((sum, { bytes }) => sum + bytes, 0);
}
