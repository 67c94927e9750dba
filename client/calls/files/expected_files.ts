import { cleanFileName } from "../../../shared/call/file_name.ts";
import type { FileLabel } from "../../../shared/call/call_types.ts";
import type { UserId } from "../../../shared/ids.ts";

/** Files that the person accepted by name and size before there was a path to who offers them. */
export class ExpectedFiles {
  #files: readonly (FileLabel & { readonly peerId: UserId })[] = [];

  /** Replaces what was expected before. */
  expect(peerId: UserId, files: readonly FileLabel[]): void {
    this.#files = files.map((file) => ({ ...file, peerId }));
  }

  /** Whether this is one of them; each counts once. */
  take(peerId: UserId, { name, size }: { readonly name: string; readonly size: number }): boolean {
    const found = this.#files.find((one) =>
      one.peerId === peerId && one.bytes === size && cleanFileName(one.name) === name
    );
    this.#files = this.#files.filter((one) => one !== found);
    return found !== undefined;
  }
}
