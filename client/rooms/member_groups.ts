import type { PresenceStatus } from "../../shared/presence.ts";
import type { UserId } from "../../shared/ids.ts";
import type { RoomMember } from "../../shared/room.ts";

/** Members with the same presence, by name. */
export interface MemberGroup {
  readonly status: PresenceStatus;
  readonly title: string;
  readonly members: readonly RoomMember[];
}

const TITLES: Record<PresenceStatus, string> = { online: "Online", away: "Away", offline: "Offline" };
const ORDER: readonly PresenceStatus[] = ["online", "away", "offline"];
const collator = new Intl.Collator(undefined, { sensitivity: "base", numeric: true });

/** Groups members by presence, without empty groups and deactivated accounts. */
export function groupMembers(
  members: readonly RoomMember[],
  statusOf: (userId: UserId) => PresenceStatus,
): readonly MemberGroup[] {
  const active = members.filter((member) => member.user.deactivatedAt === null);
  const groups = Map.groupBy(active, (member) => statusOf(member.user.id));
  return ORDER.flatMap((status) => {
    const found = groups.get(status);
    if (found === undefined) return [];
    const sorted = found.toSorted((a, b) => collator.compare(a.user.name, b.user.name));
    return [{ status, title: `${TITLES[status]} — ${found.length}`, members: sorted }];
  });
}

/** Returns a member's role in the workspace, or else in the room, if it is not the usual one. */
export function describeRole(member: RoomMember): string | null {
  if (member.user.isBot) return "bot";
  if (member.user.role !== "member") return member.user.role;
  return member.role === "moderator" ? "moderator" : null;
}
