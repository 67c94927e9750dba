/** Only the owner may read, write and list. */
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
const OTHERS_MASK = 0o077;
/** Paths that mean the same to a shell without quotes. */
const PLAIN_PATH_PATTERN = /^[\w@%+=:,./-]+$/;

/** Creates a folder, including its parents, that only its owner can access; an existing one stays as it is. */
export async function makePrivateFolder(path: string): Promise<void> {
  await Deno.mkdir(path, { recursive: true, mode: FOLDER_MODE });
}

/**
 * Creates an empty file that only its owner can access, before anything is written to it; an existing one is
 * restricted.
 */
export async function makePrivateFile(path: string): Promise<void> {
  try {
    const file = await Deno.open(path, { createNew: true, write: true, mode: FILE_MODE });
    file.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    await closeToOthers(path);
  }
}

/** Restricts a file of an earlier version to its owner. Where we may not do that, `openToOthers` reports it. */
export async function closeToOthers(path: string): Promise<void> {
  const isOpen = (await openToOthers([path])).length > 0;
  if (isOpen) await Deno.chmod(path, FILE_MODE).catch(() => {});
}

/** Returns the folders and files that other users of this machine can open. */
export async function openToOthers(paths: readonly string[]): Promise<string[]> {
  const open: string[] = [];
  for (const path of paths) {
    // Windows has no modes.
    const mode = await Deno.stat(path).then((info) => info.mode ?? 0, () => 0);
    if ((mode & OTHERS_MASK) !== 0) open.push(path);
  }
  return open;
}

/** Returns the command for a shell that restricts a folder or file to its owner. */
export function chmodCommand(path: string): string {
  const quoted = PLAIN_PATH_PATTERN.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
  return `chmod go-rwx ${quoted}`;
}
