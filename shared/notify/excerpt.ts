const TEXT_MAX_LENGTH = 160;

/** Shortens a text for a notification; line breaks become spaces. */
export function excerptOf(text: string, maxLength = TEXT_MAX_LENGTH): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  const characters = [...line];
  return characters.length <= maxLength ? line : `${characters.slice(0, maxLength - 1).join("")}…`;
}
