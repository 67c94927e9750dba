/** Languages of the status page. */
export const LANGUAGES = ["en", "de", "fr", "es"] as const;

/** A language of the status page. */
export type Language = typeof LANGUAGES[number];

/** The language that a reader asks for by `Accept-Language`; English when none of ours is among them. */
export function languageOf(header: string): Language {
  let best: Language = "en";
  let bestWeight = 0;
  for (const part of header.split(",")) {
    const [range = "", ...parameters] = part.split(";").map((text) => text.trim().toLowerCase());
    const language = LANGUAGES.find((one) => range === one || range.startsWith(`${one}-`));
    const given = parameters.find((parameter) => parameter.startsWith("q="));
    const weight = given === undefined ? 1 : Number(given.slice(2));
    if (language === undefined || !(weight > bestWeight)) continue;
    best = language;
    bestWeight = weight;
  }
  return best;
}
