import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { InviteId, UserId } from "../../shared/ids.ts";
import type { Me, Role, User } from "../../shared/user.ts";
import { readAllPages } from "../net/read_all_pages.ts";
import type { Inputs, Outputs, Trpc } from "../net/trpc.ts";
import { ListModel } from "../ui/list_model.ts";
import { isAdmin } from "./is_admin.ts";

/** An invitation; its code is shown only once. */
export type InviteInfo = Outputs["invites"]["list"][number];
/** Input for a new invitation. */
export type NewInvite = Inputs["invites"]["create"];
/** Name and settings of the workspace. */
export type Workspace = Outputs["workspace"]["get"];
/** Input for changing the workspace. */
export type WorkspaceChange = Partial<Pick<Workspace, "name" | "membersMayInvite" | "showsActivity">>;

/** Options of `AdminModel`. */
export interface AdminOptions {
  readonly api: {
    readonly invites: Pick<Trpc["invites"], "list" | "create" | "revoke">;
    readonly users: Pick<Trpc["users"], "list" | "setRole" | "deactivate" | "makeResetLink">;
    readonly workspace: Pick<Trpc["workspace"], "get" | "update">;
  };
  readonly onWorkspaceRenamed: (name: string) => void;
  readonly onUsersChanged: () => void;
}

/** Users, invitations and the workspace. */
export class AdminModel {
  readonly #api: AdminOptions["api"];
  readonly #options: AdminOptions;
  readonly #workspace = signal<Workspace | null>(null);

  /** All users, by name. */
  readonly users: ListModel<User>;
  /** The user's invitations, or all for admins. */
  readonly invites: ListModel<InviteInfo>;
  /** Null until it is loaded. */
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

  /** Loads the workspace. */
  async loadWorkspace(): Promise<void> {
    this.#workspace.value = await this.#api.workspace.get.query();
  }

  /** Renames the workspace, or changes who may invite. */
  async updateWorkspace(change: WorkspaceChange): Promise<void> {
    await this.#api.workspace.update.mutate(change);
    const before = this.#workspace.peek();
    if (before !== null) this.#workspace.value = { ...before, ...change };
    if (change.name !== undefined) this.#options.onWorkspaceRenamed(change.name);
  }

  /** Creates an invitation; its link is shown only once. */
  async createInvite(invite: NewInvite): Promise<string> {
    const { url } = await this.#api.invites.create.mutate(invite);
    void this.invites.load();
    return url;
  }

  /** Revokes an invitation. */
  async revokeInvite(inviteId: InviteId): Promise<void> {
    await this.#api.invites.revoke.mutate({ inviteId });
    await this.invites.load();
  }

  /** Changes a user's role. */
  async setRole(userId: UserId, role: Role): Promise<void> {
    await this.#api.users.setRole.mutate({ userId, role });
    await this.#usersChanged();
  }

  /** Deactivates an account; its messages stay. */
  async deactivate(userId: UserId): Promise<void> {
    await this.#api.users.deactivate.mutate({ userId });
    await this.#usersChanged();
  }

  /** Creates a link for setting a new password, once and within an hour. */
  async makeResetLink(userId: UserId): Promise<string> {
    return (await this.#api.users.makeResetLink.mutate({ userId })).url;
  }

  async #usersChanged(): Promise<void> {
    this.#options.onUsersChanged();
    await this.users.load();
  }
}

/** Lists the roles that `me` may give to `user`. */
export function rolesToGive(me: Pick<Me, "id" | "role">, user: User): readonly Role[] {
  if (!isAdmin(me.role) || user.isBot || user.deactivatedAt !== null) return [];
  if (me.role === "owner") return ["owner", "admin", "member", "guest"];
  return isAdmin(user.role) ? [] : ["member", "guest"];
}

/** Whether `me` may deactivate `user`. */
export function mayDeactivate(me: Pick<Me, "id" | "role">, user: User): boolean {
  if (!isAdmin(me.role) || user.deactivatedAt !== null || user.isBuiltIn || user.id === me.id) return false;
  return me.role === "owner" || !isAdmin(user.role);
}

/** Whether `me` may create a password reset link for `user`. */
export function mayReset(me: Pick<Me, "id" | "role">, user: User): boolean {
  if (!isAdmin(me.role) || user.deactivatedAt !== null || user.isBot || user.id === me.id) return false;
  return user.role !== "guest" && (me.role === "owner" || user.role !== "owner");
}

function byStanding(a: User, b: User): number {
  return Number(a.deactivatedAt !== null) - Number(b.deactivatedAt !== null) || a.name.localeCompare(b.name);
}
