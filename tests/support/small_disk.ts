/** Only root may mount; otherwise, tests that need a disk of their own are skipped. */
export const ROOT_ONLY = { isPossible: Deno.build.os === "linux" && Deno.uid() === 0 && canMount() };

/** A disk with the limits that a test needs. */
export interface SmallDisk {
  /** As for `mount -o size=`. */
  readonly size: string;
  readonly isReadOnly?: boolean;
}

/** Mounts a disk in memory while `work` runs. */
export async function withSmallDisk(disk: SmallDisk, work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "parley-disk-" });
  const options = `size=${disk.size}${disk.isReadOnly === true ? ",ro" : ""}`;
  await run("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder]);
  try {
    await work(folder);
  } finally {
    await run("umount", [folder]);
    await Deno.remove(folder);
  }
}

function canMount(): boolean {
  const folder = Deno.makeTempDirSync();
  const { success } = new Deno.Command("mount", {
    args: ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder],
    stderr: "null",
  }).outputSync();
  if (success) new Deno.Command("umount", { args: [folder] }).outputSync();
  Deno.removeSync(folder);
  return success;
}

async function run(command: string, args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { args }).output();
  if (!success) throw new Error(`${command} failed: ${new TextDecoder().decode(stderr)}`);
}
