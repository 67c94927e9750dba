/** The whole workspace. */
export interface Workspace {
  readonly name: string;
  /** Whether members may invite members; they may always invite guests. */
  readonly membersMayInvite: boolean;
  /** Whether strangers see on the status page how many people are online; only owners decide that. Absent: no. */
  readonly showsActivity?: boolean;
}
