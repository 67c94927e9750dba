/** The green of pages and pictures. */
const GREEN = "157a4c";
const PHRASE = "all systems operational";

/** Everything that tells a visitor how things stand, as it is served. */
export interface Look {
  readonly page: string;
  readonly badge: string;
  readonly summary: string;
  readonly text: string;
  readonly markdown: string;
}

/** Fetches what a visitor can look at. */
export async function look(url: string): Promise<Look> {
  const get = async (path: string, accept: string) => {
    const response = await fetch(`${url}${path}`, { headers: { accept, "accept-language": "en" } });
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return await response.text();
  };
  return {
    page: await get("/status", "text/html"),
    badge: await get("/status/badge.svg", "image/svg+xml"),
    summary: await get("/api/v2/summary.json", "application/json"),
    text: await get("/status", "text/plain"),
    markdown: await get("/status.md", "text/markdown"),
  };
}

/** Names the places that say that all is well. */
export function greenPlaces({ page, badge, summary, text, markdown }: Look): string[] {
  const { status } = JSON.parse(summary) as { status: Record<string, string> };
  const title = /<title>(.*?)<\/title>/.exec(page)?.[1] ?? "";
  const icon = /<link rel="icon" href="([^"]*)"/.exec(page)?.[1] ?? "";
  const verdict = /<section class="verdict [^>]*>.*?<h2[^>]*>(.*?)<\/h2>/s.exec(page)?.[1] ?? "";
  if (title === "" || icon === "" || verdict === "") throw new Error(`This is no status page: ${page}`);
  const isGreen: Record<string, boolean> = {
    "page title": title.toLowerCase().includes(PHRASE),
    "page icon": icon.includes(GREEN),
    "page heading": verdict.toLowerCase().includes(PHRASE),
    "page colour": page.includes(`class="verdict operational"`),
    "badge colour": badge.includes(GREEN),
    "badge words": badge.includes("status: operational"),
    "indicator": status["indicator"] === "none",
    "description": status["description"]?.toLowerCase() === PHRASE,
    "state": status["x_status"] === "operational",
    "text": text.toLowerCase().includes(PHRASE),
    "markdown": markdown.toLowerCase().includes(PHRASE),
  };
  return Object.keys(isGreen).filter((place) => isGreen[place]);
}

/** Number of places that are green when all is well. */
export const GREEN_PLACES_COUNT = 11;
