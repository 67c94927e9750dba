import { describe, expect, it } from "vitest";
import { languageOf, LANGUAGES } from "../../../shared/status/language.ts";
import { EN } from "../../../shared/status/words_en.ts";
import { pageWords } from "../../../server/status/page/page_words.ts";
import { html, NOW, troubledApp } from "./page_kit.ts";

describe("languageOf()", () => {
  it("takes the language that is wanted most of those that we have", () => {
    const wanted = ["de", "de-AT,de;q=0.9,en;q=0.8", "pt,es;q=0.5,en;q=0.4", "en;q=0.3, FR-ca;q=0.7"];
    expect(wanted.map(languageOf)).toEqual(["de", "de", "es", "fr"]);
  });

  it("is English for everybody else, and for what is no header", () => {
    const headers = ["", "*", "pt-BR", "de;q=0", "de;q=x", ";;,,", "den", "en"];
    expect(headers.map(languageOf)).toEqual(headers.map(() => "en"));
  });
});

describe("the page's languages", () => {
  it("have a text of their own for everything", () => {
    for (const language of LANGUAGES) {
      const texts = JSON.stringify(
        pageWords(language),
        (_, value) => typeof value === "function" ? value("1", 1) : value,
      );
      expect(texts).not.toMatch(/undefined|null,""|""/);
      const { live } = pageWords(language);
      expect([live.language, Intl.DateTimeFormat(live.locale).resolvedOptions().locale.slice(0, 2)])
        .toEqual([language, language]);
      if (language !== "en") expect(live.allOperational).not.toBe(EN.allOperational);
    }
  });

  it("are chosen by each visitor, and caches keep them apart", async () => {
    const clock = { now: NOW };
    await using app = await troubledApp(clock);
    const seen = new Map<string, string>();
    for (const language of LANGUAGES) {
      for (const path of ["/status", "/status/history", "/status/history?month=2030-01"]) {
        const response = await html(app, path, { "accept-language": language });
        expect(response.headers.get("vary")).toContain("Accept-Language");
        seen.set(response.headers.get("etag") ?? "", language);
        const text = await response.text();
        expect(text).toContain(`<html lang="${language}"`);
        if (path === "/status") expect(text).toContain(pageWords(language).live.states.operational);
      }
    }
    expect(seen.size).toBe(3 * LANGUAGES.length);
    const german = await (await html(app, "/status", { "accept-language": "de-CH" })).text();
    expect(german).toContain("<title>Eingeschränkt: Live-Verbindung · Parley: Status</title>");
    expect(german).toContain("Nachrichten und alles andere funktionieren normal. Geprüft vor 4 Sekunden.");
    expect(german).toContain("Nachrichten: 99,66 %");
    expect(german).toContain("31. Jan. 2030, 12:00 UTC");
    // What people wrote stays as it is.
    expect(german).toContain("Live is slow");
  });
});
