/** The whole workspace. */
export interface Workspace {
  readonly name: string;
  /** Whether members may invite members; they may always invite guests. */
  readonly membersMayInvite: boolean;
}
