/** A file that the person chose to send. */
export interface PickedFile {
  readonly file: File;
  /** Finds the file again after a reload, in browsers that have handles. */
  readonly handle: FileSystemFileHandle | null;
}

/** A handle as Chromium has it, which asks before it reads after a reload. */
interface AskingHandle extends FileSystemFileHandle {
  queryPermission?(options: { readonly mode: "read" }): Promise<PermissionState>;
  requestPermission?(options: { readonly mode: "read" }): Promise<PermissionState>;
}

type OpenPicker = (options: { readonly multiple: boolean }) => Promise<FileSystemFileHandle[]>;

/** Lets the person choose files; none if they change their mind. Call it in the turn of a click. */
export async function pickFiles({ isMultiple = true } = {}): Promise<PickedFile[]> {
  const { showOpenFilePicker } = globalThis as { readonly showOpenFilePicker?: OpenPicker };
  if (showOpenFilePicker === undefined) return await pickByInput(isMultiple);
  try {
    const handles = await showOpenFilePicker({ multiple: isMultiple });
    return await Promise.all(handles.map(async (handle) => ({ file: await handle.getFile(), handle })));
  } catch {
    // Cancelled.
    return [];
  }
}

/** The input whose dialog is open. Browsers collect one that nobody holds, and then what was chosen never arrives. */
let openInput: HTMLInputElement | null = null;

function pickByInput(isMultiple: boolean): Promise<PickedFile[]> {
  const input = document.createElement("input");
  input.type = "file";
  input.multiple = isMultiple;
  openInput = input;
  return new Promise<PickedFile[]>((resolve) => {
    input.addEventListener("change", () => resolve(withoutHandles(input.files)));
    input.addEventListener("cancel", () => resolve([]));
    input.click();
  }).finally(() => {
    if (openInput === input) openInput = null;
  });
}

/** Files of a paste. */
export function withoutHandles(files: Iterable<File> | ArrayLike<File> | null): PickedFile[] {
  return Array.from(files ?? []).map((file) => ({ file, handle: null }));
}

/** Files that were dropped; folders are left out. Call it in the turn of the event. */
export async function droppedFiles(data: DataTransfer): Promise<PickedFile[]> {
  // All are asked for at once: the list is empty after the turn.
  const picked = [...data.items].filter(({ kind }) => kind === "file").map(async (item) => {
    const { getAsFileSystemHandle } = item as {
      getAsFileSystemHandle?: () => Promise<FileSystemHandle | null>;
    };
    const isFolder = item.webkitGetAsEntry()?.isDirectory === true;
    const file = item.getAsFile();
    const handle = await getAsFileSystemHandle?.call(item).catch(() => null) ?? null;
    if (isFolder || file === null) return null;
    return { file, handle: handle?.kind === "file" ? handle as FileSystemFileHandle : null };
  });
  return (await Promise.all(picked)).filter((one) => one !== null);
}

/** Returns the file of a handle; null if it may not be read, or is gone. `mayAsk` only in the turn of a click. */
export async function reopen(handle: FileSystemFileHandle, mayAsk: boolean): Promise<File | null> {
  const asking = handle as AskingHandle;
  try {
    let state = await asking.queryPermission?.({ mode: "read" }) ?? "granted";
    if (state !== "granted" && mayAsk) {
      state = await asking.requestPermission?.({ mode: "read" }) ?? "granted";
    }
    return state === "granted" ? await handle.getFile() : null;
  } catch {
    return null;
  }
}

/** How much of a file is compared when it is chosen again. */
const START_BYTES = 1024 * 1024;

/** Returns the SHA-256 of how a file begins, in hexadecimal digits. */
export async function hashStart(file: Blob): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", await file.slice(0, START_BYTES).arrayBuffer());
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
