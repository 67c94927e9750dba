import { SAVED_KEPT_MS } from "./kept_files.ts";

/** Saves a file as a download. It is never shown, whatever it claims to be. */
export function saveFile(file: File, name: string): void {
  const url = URL.createObjectURL(file.slice(0, file.size, "application/octet-stream"));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser reads it in its own time.
  setTimeout(() => URL.revokeObjectURL(url), SAVED_KEPT_MS);
}
