import { COTURN_HINT, hasCoturn } from "./coturn.ts";
import { DENOKV_HINT, hasDenokv } from "./denokv.ts";
import { fetchBrowser, findBrowser } from "./find_browser.ts";
import { hasLiveKit, LIVEKIT_HINT } from "./livekit.ts";
import { hasProxies, PROXIES_HINT } from "./proxies.ts";

// Runs before the tests, which need a browser besides Deno. If other programs are missing, their tests are skipped,
// and this prints a hint.
const browser = await findBrowser() ?? await fetchBrowser();
console.log(`Browser for tests: ${browser.path} (${browser.origin})`);
if (!await hasDenokv()) console.log(DENOKV_HINT);
if (!await hasProxies()) console.log(PROXIES_HINT);
if (!await hasCoturn()) console.log(COTURN_HINT);
if (!await hasLiveKit()) console.log(LIVEKIT_HINT);
