import type { RoomSummary } from "../room.ts";

/** What the badge of the tab and of the installed app shows. */
export interface Unread {
  /** Messages that are meant for the user: mentions, and direct messages. */
  readonly ownCount: number;
  /** Whether there is anything else. */
  readonly hasMore: boolean;
}

/** Counts what is unread. Rooms that are muted, off or archived do not count. */
export function countUnread(
  rooms: Iterable<
    Pick<RoomSummary, "kind" | "unread" | "mentions" | "level" | "mutedUntil" | "archivedAt">
  >,
  nowMs: number,
): Unread {
  let ownCount = 0;
  let hasMore = false;
  for (const { kind, unread, mentions, level, mutedUntil, archivedAt } of rooms) {
    const isMuted = mutedUntil !== null && Date.parse(mutedUntil) > nowMs;
    if (level === "none" || isMuted || archivedAt !== null) continue;
    ownCount += kind === "direct" ? unread : mentions;
    if (level === "all" && unread > 0) hasMore = true;
  }
  return { ownCount, hasMore };
}
