import { isFinal } from "../../../shared/call/file_transfer.ts";
import type { OutgoingFile } from "../../../shared/call/file_transfer.ts";
import type { UserId } from "../../../shared/ids.ts";
import type { PickedFile } from "./picked_file.ts";

/** A file that waits for a device of the other person. */
export interface QueuedFile extends PickedFile {
  readonly peerId: UserId;
  readonly fileId: string;
  /** Waits for the first time, after an interruption, or no more since nobody came. */
  readonly phase: "calling" | "interrupted" | "declined";
}

/** Files to be sent to people of whom no device is there. */
export class OfferQueue {
  #files: readonly QueuedFile[] = [];
  /** What is offered and not over, in case that its device leaves. */
  readonly #offered = new Map<string, PickedFile>();

  /** The oldest first. */
  get files(): readonly QueuedFile[] {
    return this.#files;
  }

  add(file: QueuedFile): void {
    this.#files = [...this.#files.filter(({ fileId }) => fileId !== file.fileId), file];
  }

  remove(fileId: string): void {
    this.#files = this.#files.filter((one) => one.fileId !== fileId);
  }

  /** Returns what waits for a person, and removes it. */
  take(peerId: UserId): QueuedFile[] {
    const taken = this.#files.filter((one) => one.peerId === peerId && one.phase !== "declined");
    this.#files = this.#files.filter((one) => !taken.includes(one));
    return taken;
  }

  /** Nobody came to take what was offered for the first time; returns which files these are. */
  giveUp(peerId: UserId): QueuedFile[] {
    const given = this.#files.filter((one) => one.peerId === peerId && one.phase === "calling");
    this.#files = this.#files.map((one) => given.includes(one) ? { ...one, phase: "declined" } : one);
    return given;
  }

  /** A file is offered to a device. */
  offered(fileId: string, picked: PickedFile): void {
    this.#offered.set(fileId, picked);
  }

  /** A file is over. */
  over(fileId: string): void {
    this.#offered.delete(fileId);
  }

  /** A device has left; what is not over goes on when the person comes back. */
  interrupt(peerId: UserId, outgoing: readonly OutgoingFile[]): void {
    for (const file of outgoing) {
      const { fileId } = file;
      const picked = this.#offered.get(fileId);
      if (!isFinal(file) && picked !== undefined) {
        this.add({ ...picked, peerId, fileId, phase: "interrupted" });
      }
    }
  }
}
