import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { FilesState } from "../../../shared/call/file_transfer.ts";
import type { FileFailure } from "./worker_messages.ts";

/** Why files have failed on this device, for as long as they are listed: a tab may stay open for weeks. */
export class FileFailures {
  readonly #all = signal<ReadonlyMap<string, FileFailure>>(new Map());

  readonly all: ReadonlySignal<ReadonlyMap<string, FileFailure>> = this.#all;

  add(fileId: string, failure: FileFailure): void {
    this.#all.value = new Map([...this.#all.value, [fileId, failure]]);
  }

  /** Files may have been removed from the list. */
  follow({ outgoing, incoming }: Pick<FilesState, "outgoing" | "incoming">): void {
    if (this.#all.value.size === 0) return;
    const listed = new Set([...outgoing, ...incoming].map(({ fileId }) => fileId));
    const left = [...this.#all.value].filter(([fileId]) => listed.has(fileId));
    if (left.length < this.#all.value.size) this.#all.value = new Map(left);
  }
}
