/** The effect of a key anywhere in the client. */
export interface RoomStep {
  readonly step: 1 | -1;
  readonly which: "any" | "unread";
}

/** Handles Alt+↑ and Alt+↓ for another room; with Shift, the next one with unread messages. */
export function roomStepOf(
  event: Pick<KeyboardEvent, "key" | "altKey" | "shiftKey" | "ctrlKey" | "metaKey">,
): RoomStep | null {
  if (!event.altKey || event.ctrlKey || event.metaKey) return null;
  if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return null;
  return { step: event.key === "ArrowDown" ? 1 : -1, which: event.shiftKey ? "unread" : "any" };
}

/** Handles Ctrl+Shift+D, ⌘+Shift+D on a Mac, for the state of the connection. */
export function isInspectorKey(
  event: Pick<KeyboardEvent, "key" | "shiftKey" | "ctrlKey" | "metaKey">,
): boolean {
  return event.shiftKey && (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "d";
}
