/** What a key means everywhere in the client. */
export interface RoomStep {
  readonly step: 1 | -1;
  readonly which: "any" | "unread";
}

/** Reads Alt+↑ and Alt+↓ as another room, with Shift as the next one with something unread. */
export function roomStepOf(
  event: Pick<KeyboardEvent, "key" | "altKey" | "shiftKey" | "ctrlKey" | "metaKey">,
): RoomStep | null {
  if (!event.altKey || event.ctrlKey || event.metaKey) return null;
  if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return null;
  return { step: event.key === "ArrowDown" ? 1 : -1, which: event.shiftKey ? "unread" : "any" };
}
