import { fetchBrowser, findBrowser } from "./find_browser.ts";

// Runs before the tests: what they need beside Deno is a browser.
const browser = await findBrowser() ?? await fetchBrowser();
console.log(`Browser for tests: ${browser.path} (${browser.origin})`);
