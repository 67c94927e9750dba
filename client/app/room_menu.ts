import type { Room, RoomMember } from "../../shared/room.ts";
import type { Me } from "../../shared/user.ts";
import { isAdmin } from "../admin/is_admin.ts";
import { COPY_REFUSED, copyText } from "../ui/copy_text.ts";
import type { MenuItem } from "../ui/Menu.tsx";
import type { AppModel } from "./app_model.ts";
import type { Chat } from "./chat.ts";

/** The context of the menus of rooms and members. */
export interface MenuContext {
  readonly app: Pick<AppModel, "router" | "attempt" | "toasts" | "openRoom">;
  readonly chat: Pick<Chat, "rooms" | "members">;
  readonly me: Me;
}

/** Whether the user may moderate a room: its moderators and admins may. */
export function mayModerate({ chat, me }: Pick<MenuContext, "chat" | "me">, room: Room): boolean {
  return room.kind !== "direct" && (isAdmin(me.role) || chat.members.roleOf(me.id) === "moderator");
}

/** Whether the user may invite others to a room. */
export function mayInviteInto({ me }: Pick<MenuContext, "me">, room: Room): boolean {
  return room.kind !== "direct" && room.archivedAt === null && me.role !== "guest";
}

/** Lists the actions of the open room. */
export function roomMenu(
  context: MenuContext,
  room: Room,
  { isMember, onLeave }: { readonly isMember: boolean; readonly onLeave: () => void },
): readonly MenuItem[] {
  const { app } = context;
  const items: MenuItem[] = [];
  if (isMember && mayModerate(context, room) && room.archivedAt === null) {
    items.push({ label: "Add people", icon: "userPlus", onSelect: () => app.router.open("add_members") });
  }
  if (isMember && mayInviteInto(context, room)) {
    items.push({ label: "Invite by link", icon: "link", onSelect: () => app.router.open("invite") });
  }
  items.push({ label: "Copy link to room", icon: "copy", onSelect: () => void copyLink(context, room) });
  if (mayModerate(context, room)) {
    items.push({
      label: "Room settings",
      icon: "settings",
      onSelect: () => app.router.open("room_settings"),
    });
  }
  if (isMember && room.kind !== "direct") {
    items.push({ label: "Leave room", icon: "logOut", isDanger: true, onSelect: onLeave });
  }
  return items;
}

/** Lists the actions for a member of the open room. */
export function memberMenu(context: MenuContext, room: Room, member: RoomMember): readonly MenuItem[] {
  const { app, chat, me } = context;
  const { user } = member;
  if (user.id === me.id) return [];
  const items: MenuItem[] = [];
  if (me.role !== "guest") {
    items.push({
      label: "Send a message",
      icon: "message",
      onSelect: () => void app.attempt(async () => app.openRoom((await chat.rooms.openDirect(user.id)).id)),
    });
  }
  if (mayModerate(context, room)) {
    const isModerator = member.role === "moderator";
    items.push(
      {
        label: isModerator ? "Remove as moderator" : "Make moderator",
        icon: "shield",
        onSelect: () =>
          void app.attempt(() => chat.members.setRole(user.id, isModerator ? "member" : "moderator")),
      },
      {
        label: "Remove from room",
        icon: "userMinus",
        isDanger: true,
        onSelect: () => void app.attempt(() => chat.members.remove(user.id)),
      },
    );
  }
  return items;
}

async function copyLink({ app }: MenuContext, room: Room): Promise<void> {
  if (await copyText(new URL(`/r/${room.id}`, location.origin).href)) app.toasts.show("Link copied.");
  else app.toasts.show(`${COPY_REFUSED} Copy the address from the address bar instead.`, "bad");
}
