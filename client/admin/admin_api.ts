import type { InviteId, RoomId, UserId } from "../../shared/ids.ts";
import type { Role, User } from "../../shared/user.ts";

/** An invitation as its maker and the admins see it; the code itself is shown once. */
export interface InviteInfo {
  readonly id: InviteId;
  readonly role: Role;
  readonly roomId: RoomId | null;
  readonly uses: number;
  readonly maxUses: number | null;
  readonly expiresAt: string | null;
  readonly by: UserId;
}

/** What a new invitation allows. */
export interface NewInvite {
  readonly role: "member" | "guest";
  readonly roomId?: RoomId;
  readonly maxUses?: number;
  readonly expiresInMs?: number;
}

/** What a workplace is called and allows. */
export interface Workspace {
  readonly name: string;
  readonly membersMayInvite: boolean;
  /** The proxy that makes everybody seem to come from one address, when there is one. */
  readonly untrustedProxy?: string;
}

/** What can be changed of it. */
export type WorkspaceChange = Partial<Pick<Workspace, "name" | "membersMayInvite">>;

/** What inviting and running the place need of the server. */
export interface AdminApi {
  readonly users: () => Promise<readonly User[]>;
  readonly setRole: (userId: UserId, role: Role) => Promise<unknown>;
  readonly deactivate: (userId: UserId) => Promise<unknown>;
  readonly makeResetLink: (userId: UserId) => Promise<{ url: string }>;
  readonly invites: () => Promise<readonly InviteInfo[]>;
  readonly createInvite: (invite: NewInvite) => Promise<{ id: InviteId; url: string }>;
  readonly revokeInvite: (inviteId: InviteId) => Promise<unknown>;
  readonly workspace: () => Promise<Workspace>;
  readonly updateWorkspace: (change: WorkspaceChange) => Promise<unknown>;
}
