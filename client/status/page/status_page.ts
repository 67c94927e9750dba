/** The script of the status page. The page is whole without it; with it, an open page follows what happens. */
import type { Language } from "../../../shared/status/language.ts";
import type { LiveWords } from "../../../shared/status/live_words.ts";
import { followPublicEvents } from "../../net/public_events.ts";
import { moveAlongBars } from "./bar_keys.ts";
import { LivePage } from "./live_page.ts";

const TICK_MS = 1_000;

const WORDS: Readonly<Record<Language, () => Promise<LiveWords>>> = {
  en: async () => (await import("../../../shared/status/words_en.ts")).EN,
  de: async () => (await import("../../../shared/status/words_de.ts")).DE,
  fr: async () => (await import("../../../shared/status/words_fr.ts")).FR,
  es: async () => (await import("../../../shared/status/words_es.ts")).ES,
};

const page = new LivePage(await WORDS[document.documentElement.lang as Language]());
followPublicEvents({
  url: `${location.origin}/status/events`,
  onEvent: (event) => page.apply(event),
  page: document,
});
setInterval(() => page.tick(), TICK_MS);
document.addEventListener("keydown", moveAlongBars);
