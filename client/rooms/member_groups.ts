import type { PresenceStatus } from "../../shared/presence.ts";
import type { UserId } from "../../shared/ids.ts";
import type { RoomMember } from "../../shared/room.ts";
import { compareNames } from "../ui/compare_names.ts";
import { STATUS_WORDS } from "../ui/status_words.ts";

type Standing = PresenceStatus | "deactivated";

/** Members with the same presence, or deactivated ones, by name. */
export interface MemberGroup {
  readonly status: Standing;
  readonly title: string;
  readonly members: readonly RoomMember[];
}

/** In the order in which they are shown. */
const TITLES: readonly (readonly [Standing, string])[] = [
  ["online", STATUS_WORDS.online],
  ["away", STATUS_WORDS.away],
  ["offline", STATUS_WORDS.offline],
  ["deactivated", "Deactivated"],
];

/** Groups members by presence, and deactivated ones at the end; without empty groups. */
export function groupMembers(
  members: readonly RoomMember[],
  statusOf: (userId: UserId) => PresenceStatus,
): readonly MemberGroup[] {
  const groups = Map.groupBy(
    members,
    ({ user }): Standing => user.deactivatedAt === null ? statusOf(user.id) : "deactivated",
  );
  return TITLES.flatMap(([status, title]) => {
    const found = groups.get(status);
    if (found === undefined) return [];
    const sorted = found.toSorted((a, b) => compareNames(a.user.name, b.user.name));
    return [{ status, title: `${title} — ${found.length}`, members: sorted }];
  });
}

/** Returns a member's role in the workspace, or else in the room, if it is not the usual one. */
export function describeRole(member: RoomMember): string | null {
  if (member.user.isBot) return "bot";
  if (member.user.role !== "member") return member.user.role;
  return member.role === "moderator" ? "moderator" : null;
}
