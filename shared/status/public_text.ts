/** A mention at a word boundary; who works here is nobody's business outside. */
const MENTION_PATTERN = /(?<![\p{L}\p{N}\p{M}_])@[\p{L}\p{N}\p{M}_-]{1,40}[ \t]?/gu;
/** A link to a room or a message, which strangers cannot open, with and without words of its own. */
const ROOM_PATH = String.raw`(?:https?://[^\s/()<>]{1,255})?/r/[A-Za-z0-9_-]{16}(?:/\d{0,16})?`;
const WORDED_LINK_PATTERN = new RegExp(String.raw`\[([^\[\]\n]{0,200})\]\(${ROOM_PATH}\)`, "g");
const BARE_LINK_PATTERN = new RegExp(String.raw`(?<![\w/])<?${ROOM_PATH}>?[ \t]?`, "g");

/** Takes out of a text what only members may know: mentions and links to rooms. */
export function toPublicText(text: string): string {
  return text.replace(WORDED_LINK_PATTERN, "$1").replace(BARE_LINK_PATTERN, "").replace(MENTION_PATTERN, "")
    .trim();
}
