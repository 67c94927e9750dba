/** For each character, the letters that it looks like. */
export type LookAlikes = ReadonlyMap<string, string>;

const SPACE_PATTERN = /[\p{Zs}\t]+/gu;
const DIACRITIC_PATTERN = /[\u0300-\u036f]/g;
const IGNORED_PATTERN = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/** Normalizes a name for storage: NFKC, single spaces, none at the ends. */
export function normalizeName(name: string): string {
  return name.normalize("NFKC").replace(SPACE_PATTERN, " ").trim();
}

/** Folds case, diacritics and the given lookalike characters, for comparing names. */
export function foldLookAlikes(name: string, lookAlikes: LookAlikes): string {
  let folded = "";
  for (const character of normalizeName(name).toLowerCase().normalize("NFD").replace(DIACRITIC_PATTERN, "")) {
    folded += lookAlikes.get(character) ?? character;
  }
  // Characters such as ΅ leave a space behind.
  return folded.replace(IGNORED_PATTERN, "").replace(SPACE_PATTERN, " ").trim().normalize("NFC");
}
