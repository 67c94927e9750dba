import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { InviteId, UserId } from "../../shared/ids.ts";
import type { Me, Role, User } from "../../shared/user.ts";
import { readAllPages } from "../net/read_all_pages.ts";
import type { Inputs, Outputs, Trpc } from "../net/trpc.ts";
import { ListModel } from "../ui/list_model.ts";
import { isAdmin } from "./is_admin.ts";

/** An invitation as its maker and the admins see it; the code itself is shown once. */
export type InviteInfo = Outputs["invites"]["list"][number];
/** What a new invitation allows. */
export type NewInvite = Inputs["invites"]["create"];
/** What a workplace is called and allows. */
export type Workspace = Outputs["workspace"]["get"];
/** What can be changed of it. */
export type WorkspaceChange = Partial<Pick<Workspace, "name" | "membersMayInvite">>;

/** What running the place needs, and tells the rest of the client. */
export interface AdminOptions {
  readonly api: {
    readonly invites: Pick<Trpc["invites"], "list" | "create" | "revoke">;
    readonly users: Pick<Trpc["users"], "list" | "setRole" | "deactivate" | "makeResetLink">;
    readonly workspace: Pick<Trpc["workspace"], "get" | "update">;
  };
  readonly onWorkspaceRenamed: (name: string) => void;
  readonly onUsersChanged: () => void;
}

/** People, invitations and the place itself. */
export class AdminModel {
  readonly #api: AdminOptions["api"];
  readonly #options: AdminOptions;
  readonly #workspace = signal<Workspace | null>(null);

  /** Everybody, by name. */
  readonly users: ListModel<User>;
  /** One's own invitations; an admin sees all. */
  readonly invites: ListModel<InviteInfo>;
  /** Null until it was read. */
  readonly workspace: ReadonlySignal<Workspace | null> = this.#workspace;

  constructor(options: AdminOptions) {
    this.#options = options;
    this.#api = options.api;
    this.users = new ListModel(async () => {
      const users = await readAllPages((page) => options.api.users.list.query(page));
      return users.toSorted(byStanding);
    });
    this.invites = new ListModel(() => options.api.invites.list.query());
  }

  /** Reads what the place is called and allows. */
  async loadWorkspace(): Promise<void> {
    this.#workspace.value = await this.#api.workspace.get.query();
  }

  /** Renames the place, or lets members invite. */
  async updateWorkspace(change: WorkspaceChange): Promise<void> {
    await this.#api.workspace.update.mutate(change);
    const before = this.#workspace.peek();
    if (before !== null) this.#workspace.value = { ...before, ...change };
    if (change.name !== undefined) this.#options.onWorkspaceRenamed(change.name);
  }

  /** Makes an invitation; its link is shown once. */
  async createInvite(invite: NewInvite): Promise<string> {
    const { url } = await this.#api.invites.create.mutate(invite);
    void this.invites.load();
    return url;
  }

  /** Ends an invitation. */
  async revokeInvite(inviteId: InviteId): Promise<void> {
    await this.#api.invites.revoke.mutate({ inviteId });
    await this.invites.load();
  }

  /** Gives somebody another role. */
  async setRole(userId: UserId, role: Role): Promise<void> {
    await this.#api.users.setRole.mutate({ userId, role });
    await this.#usersChanged();
  }

  /** Takes somebody's account away; what they wrote stays. */
  async deactivate(userId: UserId): Promise<void> {
    await this.#api.users.deactivate.mutate({ userId });
    await this.#usersChanged();
  }

  /** Makes a link by which somebody sets a new password, once, within an hour. */
  async makeResetLink(userId: UserId): Promise<string> {
    return (await this.#api.users.makeResetLink.mutate({ userId })).url;
  }

  async #usersChanged(): Promise<void> {
    this.#options.onUsersChanged();
    await this.users.load();
  }
}

/** Lists the roles that `me` may give to `user`; empty when none. */
export function rolesToGive(me: Pick<Me, "id" | "role">, user: User): readonly Role[] {
  if (!isAdmin(me.role) || user.isBot || user.deactivatedAt !== null) return [];
  if (me.role === "owner") return ["owner", "admin", "member", "guest"];
  return isAdmin(user.role) ? [] : ["member", "guest"];
}

/** Says whether `me` may take `user`'s account away. */
export function mayDeactivate(me: Pick<Me, "id" | "role">, user: User): boolean {
  if (!isAdmin(me.role) || user.deactivatedAt !== null || user.id === me.id) return false;
  return me.role === "owner" || !isAdmin(user.role);
}

/** Says whether `me` may make a link by which `user` sets a new password. */
export function mayReset(me: Pick<Me, "id" | "role">, user: User): boolean {
  if (!isAdmin(me.role) || user.deactivatedAt !== null || user.isBot || user.id === me.id) return false;
  return user.role !== "guest" && (me.role === "owner" || user.role !== "owner");
}

function byStanding(a: User, b: User): number {
  return Number(a.deactivatedAt !== null) - Number(b.deactivatedAt !== null) || a.name.localeCompare(b.name);
}
