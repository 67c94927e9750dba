/** Nobody but the owner may read, write or list. */
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
const OTHERS_MASK = 0o077;

/** Makes a folder that is its owner's alone, with those above it; one that is there stays as it is. */
export async function makePrivateFolder(path: string): Promise<void> {
  await Deno.mkdir(path, { recursive: true, mode: FOLDER_MODE });
}

/** Makes an empty file that is its owner's alone before anything is written to it; one that is there is closed to others. */
export async function makePrivateFile(path: string): Promise<void> {
  try {
    const file = await Deno.open(path, { createNew: true, write: true, mode: FILE_MODE });
    file.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    await closeToOthers(path);
  }
}

/** Takes a file from others that was made without such care; where that is not ours to do, `openToOthers` shows it. */
export async function closeToOthers(path: string): Promise<void> {
  const isOpen = (await openToOthers([path])).length > 0;
  if (isOpen) await Deno.chmod(path, FILE_MODE).catch(() => {});
}

/** Gives those of the folders and files that others on this machine can open. */
export async function openToOthers(paths: readonly string[]): Promise<string[]> {
  const open: string[] = [];
  for (const path of paths) {
    // Windows knows no modes.
    const mode = await Deno.stat(path).then((info) => info.mode ?? 0, () => 0);
    if ((mode & OTHERS_MASK) !== 0) open.push(path);
  }
  return open;
}
