const SCRIPT_PATTERN = /<script type="module" src="([^"]+)"/;

/** Returns the version of this page: the name of its script, which has a hash of the client. */
export function ownBuild(page: Pick<Document, "querySelector">): string {
  return nameOf(page.querySelector('script[type="module"][src]:not([async])')?.getAttribute("src") ?? "");
}

/** Asks the server for the version that it gives to new pages; null if it does not answer. */
export async function readServerBuild(signal: AbortSignal): Promise<string | null> {
  try {
    const response = await fetch("/", { cache: "no-store", signal });
    const [, path] = SCRIPT_PATTERN.exec(await response.text()) ?? [];
    return path === undefined ? null : nameOf(path);
  } catch {
    return null;
  }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1).replace(/\.js$/, "");
}
