const PAGE_PATTERN = /^\/(?:(setup|join|reset)|doctor|share|r\/[A-Za-z0-9_-]+(?:\/[0-9]+)?)?$/;

/** Tells whether a path is a page of the app, and whether it is one for people who need not be signed in. */
export function appPageAt(pathname: string): "any" | "signed_out" | null {
  const match = PAGE_PATTERN.exec(pathname);
  if (match === null) return null;
  return match[1] === undefined ? "any" : "signed_out";
}

/** Returns what another app shares with the page `/share`, "" if nothing. */
export function readSharedText(query: URLSearchParams): string {
  const parts = ["title", "text", "url"].map((name) => query.get(name) ?? "");
  return parts.filter((part) => part !== "").join("\n");
}
