/** The place as a whole. */
export interface Workspace {
  readonly name: string;
  /** Whether members may invite members, too; guests they may always invite. */
  readonly membersMayInvite: boolean;
}
