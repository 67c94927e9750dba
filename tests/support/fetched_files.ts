import type { Page, Profile } from "./browser.ts";

/** A page, script, style sheet or image that a browser has fetched. */
export interface FetchedFile {
  readonly path: string;
  /** Size of the body on the wire, compressed. */
  readonly bytes: number;
}

/** Opens a page and lists all files fetched until `shown` resolves, without answers of the API. */
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

/** Returns the total size. */
export function totalBytes(fetched: readonly FetchedFile[]): number {
  return fetched.reduce((sum, { bytes }) => sum + bytes, 0);
}
