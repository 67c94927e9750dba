import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { encodeChunk, parseChunk, parseFileMessage } from "../../../shared/call/file_message.ts";
import type { FileChunk } from "../../../shared/call/file_message.ts";
import { isFinal, LOW_MARK_BYTES, NO_FILES } from "../../../shared/call/file_transfer.ts";
import type {
  FilesEffect,
  FilesEvent,
  FilesState,
  IncomingFile,
  OutgoingFile,
} from "../../../shared/call/file_transfer.ts";
import { reduceFiles } from "../../../shared/call/reduce_files.ts";
import type { UserId } from "../../../shared/ids.ts";
import { FileFailures } from "./file_failures.ts";
import type { DiskListener, DiskPlace, FilesDisk } from "./files_disk.ts";
import { OutgoingSource } from "./outgoing_source.ts";
import { SourceHashes } from "./source_hashes.ts";
import type { FileFailure } from "./worker_messages.ts";

/**
 * Each side sends this when it listens, and again in reply. What arrives at a channel before somebody listens is lost,
 * and this part of the client may be loaded long after the channel has opened.
 */
const READY = "ready";

type ChunkEffect = Extract<FilesEffect, { type: "send_chunk" }>;

/** What was received before, in whole or in part. */
export interface RecalledFile {
  readonly name: string;
  readonly size: number;
  readonly isDone: boolean;
}

export interface FilesLinkOptions {
  /** The other person. */
  readonly userId: UserId;
  readonly disk: FilesDisk;
  /** Returns what was received before of a file that is offered again; null if nothing was. */
  readonly recall: (fileId: string) => RecalledFile | null;
  /** Milliseconds of a clock that does not run backwards. */
  readonly now?: () => number;
}

/** The name under which the disk keeps what a person sends. */
export function diskKey(userId: UserId, fileId: string): string {
  return `${userId}.${fileId}`;
}

/** The files between this device and one other: carries out the effects of `reduceFiles` over a data channel. */
export class FilesLink implements Disposable {
  readonly #options: Required<FilesLinkOptions>;
  readonly #state = signal<FilesState>(NO_FILES);
  readonly #failures = new FileFailures();
  /** Received files that this device has on the disk while they come. */
  readonly #held = signal<ReadonlySet<string>>(new Set());
  readonly #places = new Map<string, DiskPlace>();
  readonly #sources = new Map<string, OutgoingSource>();
  readonly #hashes = new SourceHashes((fileId, file) =>
    this.#places.get(fileId)?.post({ type: "source", key: fileId, file })
  );
  #channel: RTCDataChannel | null = null;
  #detach: (() => void) | null = null;
  #alarm: ReturnType<typeof setTimeout> | undefined;
  /** The chunk whose event is handled now. */
  #arrived: FileChunk | null = null;

  /** Changes with each chunk. */
  readonly state: ReadonlySignal<FilesState> = this.#state;
  /** Why files have failed on this device. */
  readonly failures: ReadonlySignal<ReadonlyMap<string, FileFailure>> = this.#failures.all;
  /** Files that another tab receives; they go on here when it lets go. */
  readonly held: ReadonlySignal<ReadonlySet<string>> = this.#held;

  constructor(options: FilesLinkOptions) {
    this.#options = { now: () => performance.now(), ...options };
  }

  /** Uses another channel; null while there is none. */
  setChannel(channel: RTCDataChannel | null): void {
    if (channel === this.#channel) return;
    this.#detach?.();
    this.#detach = null;
    this.#channel = channel;
    if (this.#state.value.isOpen) this.#handle({ type: "channel", isOpen: false });
    if (channel === null) return;
    channel.binaryType = "arraybuffer";
    channel.bufferedAmountLowThreshold = LOW_MARK_BYTES;
    const stop = new AbortController();
    const { signal } = stop;
    channel.addEventListener("message", ({ data }) => this.#receive(data), { signal });
    channel.addEventListener("bufferedamountlow", () => this.#handle({ type: "has_room" }), { signal });
    channel.addEventListener("close", () => this.setChannel(null), { signal });
    this.#detach = () => stop.abort();
    const opened = () => this.#send(READY);
    if (channel.readyState === "open") opened();
    else channel.addEventListener("open", opened, { signal });
  }

  /** Offers a file; with an id that was offered before, it goes on. */
  offer(fileId: string, file: File): void {
    this.#hold(fileId, fileId);
    this.#hashes.offered(fileId, file);
    this.#sources.set(fileId, new OutgoingSource(file));
    this.#handle({ type: "offer", fileId, name: file.name, size: file.size });
  }

  /** Takes back a file that was offered before this link, and cannot be any more. */
  withdraw(fileId: string): void {
    this.#handle({ type: "withdraw", fileId });
  }

  /** Does something with one file. */
  act(type: "accept" | "decline" | "cancel" | "forget", fileId: string): void {
    this.#handle({ type, fileId });
  }

  /** Lets go of all files; what is stored stays. */
  [Symbol.dispose](): void {
    this.setChannel(null);
    clearTimeout(this.#alarm);
    for (const fileId of [...this.#places.keys()]) this.#release(fileId);
    this.#sources.clear();
  }

  #keyOf(fileId: string): string {
    return diskKey(this.#options.userId, fileId);
  }

  #hold(fileId: string, key: string): DiskPlace {
    const place = this.#options.disk.hold(key, (report) => this.#heard(fileId, report));
    this.#places.set(fileId, place);
    return place;
  }

  #release(fileId: string, isDiscarded = false): void {
    this.#places.get(fileId)?.release({ isDiscarded });
    this.#places.delete(fileId);
    this.#setHeld(fileId, false);
  }

  #setHeld(fileId: string, isHeld: boolean): void {
    if (this.#held.value.has(fileId) === isHeld) return;
    const others = [...this.#held.value].filter((one) => one !== fileId);
    this.#held.value = new Set(isHeld ? [...others, fileId] : others);
  }

  #handle(event: FilesEvent): void {
    const before = this.#state.value;
    const { state, effects } = reduceFiles(before, event, this.#options.now());
    this.#state.value = state;
    for (const effect of effects) this.#run(effect);
    this.#hashes.follow(this.#state.value.outgoing);
    this.#releaseEnded(before);
    this.#failures.follow(this.#state.value);
  }

  /** Lets go of what has just ended; a received file stays until it is saved. */
  #releaseEnded(before: FilesState): void {
    const { outgoing, incoming } = this.#state.value;
    const hasEnded = (file: OutgoingFile | IncomingFile, others: readonly (OutgoingFile | IncomingFile)[]) =>
      isFinal(file) && others.some((one) => one.fileId === file.fileId && !isFinal(one));
    for (const file of outgoing.filter((one) => hasEnded(one, before.outgoing))) {
      this.#release(file.fileId);
      this.#sources.delete(file.fileId);
    }
    for (const file of incoming.filter((one) => hasEnded(one, before.incoming))) {
      if (file.phase === "done") this.#release(file.fileId);
    }
    // An offer that was taken back is nothing to anybody, and there may be any number of them.
    const wasOffered = ({ fileId }: IncomingFile) =>
      before.incoming.some((one) => one.fileId === fileId && one.phase === "offered");
    const withdrawn = incoming.filter((file) => file.phase === "cancelled" && wasOffered(file));
    for (const { fileId } of withdrawn) this.#handle({ type: "forget", fileId });
  }

  #run(effect: FilesEffect): void {
    switch (effect.type) {
      case "send":
        return void this.#send(JSON.stringify(effect.message));
      case "send_chunk":
        return void this.#sendChunk(effect);
      case "store": {
        const bytes = this.#arrived?.bytes;
        if (bytes === undefined) return;
        const { fileId, offset } = effect;
        return this.#places.get(fileId)?.post({ type: "write", key: this.#keyOf(fileId), offset, bytes });
      }
      case "open": {
        const { fileId, size, isNew } = effect;
        // Offered again before it was opened.
        if (this.#places.has(fileId)) return;
        const key = this.#keyOf(fileId);
        return this.#hold(fileId, key).post({ type: "open", key, size, isNew });
      }
      case "hash":
        // That of a file to be sent comes by itself.
        if (!this.#sources.has(effect.fileId)) {
          this.#places.get(effect.fileId)?.post({ type: "hash", key: this.#keyOf(effect.fileId) });
        }
        return;
      case "discard":
        return this.#release(effect.fileId, true);
      case "wake":
        clearTimeout(this.#alarm);
        if (effect.at === null) return;
        this.#alarm = setTimeout(
          () => this.#handle({ type: "tick" }),
          Math.max(0, effect.at - this.#options.now()),
        );
    }
  }

  #receive(data: unknown): void {
    if (data === READY) return this.#peerIsReady();
    if (!this.#state.value.isOpen) return;
    if (typeof data === "string") {
      const message = parseFileMessage(data);
      if (message?.type === "offer" || message?.type === "cancel") this.#recall(message.fileId);
      if (message !== null) this.#handle({ type: "message", message });
      return;
    }
    const chunk = data instanceof ArrayBuffer ? parseChunk(new Uint8Array(data)) : null;
    if (chunk === null) return;
    this.#arrived = chunk;
    const { fileId, offset, bytes } = chunk;
    this.#handle({ type: "chunk", fileId, offset, length: bytes.length });
    this.#arrived = null;
  }

  /** What was offered on an earlier link goes on, or is taken back. */
  #recall(fileId: string): void {
    if (this.#state.value.incoming.some((file) => file.fileId === fileId)) return;
    const recalled = this.#options.recall(fileId);
    if (recalled !== null) this.#handle({ type: "restore", fileId, ...recalled });
  }

  #peerIsReady(): void {
    if (this.#state.value.isOpen) return;
    // It may not have heard the first time.
    this.#send(READY);
    this.#handle({ type: "channel", isOpen: true });
  }

  #send(frame: string | Uint8Array<ArrayBuffer>): boolean {
    try {
      this.#channel?.send(frame as string);
      return true;
    } catch {
      // It has just closed, or takes no frames of this size.
      return this.#channel?.readyState !== "open";
    }
  }

  async #sendChunk({ fileId, offset, length }: ChunkEffect): Promise<void> {
    const channel = this.#channel;
    let frame: Uint8Array<ArrayBuffer> | null = null;
    try {
      const bytes = await this.#sources.get(fileId)?.read(offset, length);
      if (bytes !== undefined) frame = encodeChunk({ fileId, offset, bytes });
    } catch {
      // Changed, moved or deleted since it was chosen.
    }
    // What was read for a channel that is lost is not sent on another one.
    if (channel === null || channel !== this.#channel) return;
    if (frame === null || !this.#send(frame)) {
      this.#failures.add(fileId, "source_changed");
      this.#handle({ type: "file_failed", fileId });
    }
    this.#handle({ type: "chunk_sent", fileId, offset, bufferedBytes: channel.bufferedAmount });
  }

  #heard(fileId: string, report: Parameters<DiskListener>[0]): void {
    switch (report.type) {
      case "held":
        return this.#setHeld(fileId, true);
      case "opened":
        this.#setHeld(fileId, false);
        return this.#handle({ type: "opened", fileId, offset: report.offset });
      case "taken":
        this.#places.delete(fileId);
        this.#sources.delete(fileId);
        this.#setHeld(fileId, false);
        return this.#handle({ type: "taken", fileId });
      case "stored":
        return this.#handle({ type: "stored", fileId, offset: report.offset });
      case "hashed":
        return this.#handle({ type: "hashed", fileId, hash: report.hash });
      case "failed":
        this.#failures.add(fileId, report.failure);
        return this.#handle({ type: "file_failed", fileId });
    }
  }
}
