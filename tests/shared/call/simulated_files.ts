import { createHash } from "node:crypto";
import { encodeChunk, parseChunk, parseFileMessage } from "../../../shared/call/file_message.ts";
import { isFinal, LOW_MARK_BYTES, NO_FILES } from "../../../shared/call/file_transfer.ts";
import type { FilesEffect, FilesEvent, FilesState } from "../../../shared/call/file_transfer.ts";
import { filesDeadline, reduceFiles } from "../../../shared/call/reduce_files.ts";

/** What is on its way from one side to the other, in order. */
type Frame = string | Uint8Array<ArrayBuffer>;

/** One side of a channel for files, with a disk. */
export class FileSide {
  state: FilesState = NO_FILES;
  peer: FileSide | null = null;
  /** Files to send, and what is stored of those received. */
  readonly sources = new Map<string, Uint8Array<ArrayBuffer>>();
  readonly disk = new Map<string, Uint8Array<ArrayBuffer>>();
  readonly #storedBytes = new Map<string, number>();
  readonly effects: FilesEffect[] = [];
  #inbox: Frame[] = [];
  #work: (() => void)[] = [];
  #channel = 0;
  #bufferedBytes = 0;
  #chunk: Uint8Array<ArrayBuffer> = new Uint8Array();
  maxBufferedBytes = 0;
  readonly #clock: { nowMs: number };

  constructor(clock: { nowMs: number }) {
    this.#clock = clock;
  }

  offer(fileId: string, name: string, bytes: Uint8Array<ArrayBuffer>): void {
    this.sources.set(fileId, bytes);
    this.handle({ type: "offer", fileId, name, size: bytes.length });
  }

  handle(event: FilesEvent): void {
    const { state, effects } = reduceFiles(this.state, event, this.#clock.nowMs);
    this.state = state;
    this.effects.push(...effects);
    for (const effect of effects) this.#run(effect);
  }

  /** Carries out one piece of work: something that arrived, a read, or a write. False if there is none. */
  step(random: () => number): boolean {
    const canWork = this.#work.length > 0;
    const canReceive = this.#inbox.length > 0;
    if (canWork && (!canReceive || random() < 0.5)) this.#work.shift()?.();
    else if (canReceive) this.#receive();
    return canWork || canReceive;
  }

  /** The channel is lost, with all that is on its way; or there is another one. */
  setChannel(isOpen: boolean): void {
    if (!isOpen) this.#inbox = [];
    this.#channel += 1;
    this.#bufferedBytes = 0;
    this.handle({ type: "channel", isOpen });
  }

  /** The page is loaded again: what is kept is the files to send, and what is stored. */
  reload(): void {
    this.#work = [];
    this.#inbox = [];
    const { outgoing, incoming } = this.state;
    this.state = {
      ...NO_FILES,
      outgoing: outgoing.map((file) =>
        isFinal(file) ? file : {
          ...file,
          phase: "offered",
          acked: 0,
          sent: 0,
          isAccepted: false,
          hash: null,
        }
      ),
    };
    for (const { fileId, name, size, phase } of incoming) {
      this.handle({ type: "restore", fileId, name, size, isDone: phase === "done" });
    }
  }

  tick(): void {
    const at = filesDeadline(this.state);
    if (at !== null && at <= this.#clock.nowMs) this.handle({ type: "tick" });
  }

  #receive(): void {
    const frame = this.#inbox.shift();
    if (frame === undefined) return;
    if (typeof frame === "string") {
      const message = parseFileMessage(frame);
      if (message === null) throw new Error(`Not a message: ${frame}`);
      return this.handle({ type: "message", message });
    }
    if (this.peer !== null) this.peer.#left(frame.length);
    const chunk = parseChunk(frame);
    if (chunk === null) throw new Error("Not a chunk");
    this.#chunk = chunk.bytes;
    this.handle({ type: "chunk", fileId: chunk.fileId, offset: chunk.offset, length: chunk.bytes.length });
  }

  #left(bytes: number): void {
    const before = this.#bufferedBytes;
    this.#bufferedBytes = Math.max(0, before - bytes);
    if (before >= LOW_MARK_BYTES && this.#bufferedBytes < LOW_MARK_BYTES) this.handle({ type: "has_room" });
  }

  #send(frame: Frame): void {
    if (this.peer !== null && this.peer.state.isOpen) this.peer.#inbox.push(frame);
  }

  #run(effect: FilesEffect): void {
    if (effect.type === "send") return this.#send(JSON.stringify(effect.message));
    if (effect.type === "wake") return;
    const { fileId } = effect;
    if (effect.type === "send_chunk") {
      const { offset, length } = effect;
      const channel = this.#channel;
      this.#work.push(() => {
        // What was read for a channel that is lost is not sent on another one.
        if (channel !== this.#channel) return;
        const bytes = this.sources.get(fileId)?.slice(offset, offset + length) ?? new Uint8Array();
        this.#bufferedBytes += bytes.length;
        this.maxBufferedBytes = Math.max(this.maxBufferedBytes, this.#bufferedBytes);
        this.#send(encodeChunk({ fileId, offset, bytes }));
        this.handle({ type: "chunk_sent", fileId, offset, bufferedBytes: this.#bufferedBytes });
      });
    } else if (effect.type === "open") {
      this.#work.push(() =>
        this.handle({ type: "opened", fileId, offset: this.#storedBytes.get(fileId) ?? 0 })
      );
    } else if (effect.type === "store") {
      const { offset } = effect;
      const bytes = this.#chunk;
      this.#work.push(() => {
        const size = this.state.incoming.find((file) => file.fileId === fileId)?.size ?? 0;
        const stored = this.disk.get(fileId) ?? new Uint8Array(size);
        stored.set(bytes, offset);
        this.disk.set(fileId, stored);
        this.#storedBytes.set(fileId, offset + bytes.length);
        this.handle({ type: "stored", fileId, offset: offset + bytes.length });
      });
    } else if (effect.type === "hash") {
      this.#work.push(() => {
        const bytes = this.sources.get(fileId) ?? this.disk.get(fileId) ?? new Uint8Array();
        this.handle({ type: "hashed", fileId, hash: createHash("sha256").update(bytes).digest("hex") });
      });
    } else {
      this.disk.delete(fileId);
      this.#storedBytes.delete(fileId);
    }
  }
}

/** Two sides with a channel between them. */
export function connectedSides(clock = { nowMs: 0 }): { ana: FileSide; bo: FileSide } {
  const [ana, bo] = [new FileSide(clock), new FileSide(clock)];
  ana.peer = bo;
  bo.peer = ana;
  reopen(ana, bo);
  return { ana, bo };
}

/** Replaces the channel between two sides. */
export function reopen(ana: FileSide, bo: FileSide): void {
  for (const side of [ana, bo]) side.setChannel(false);
  // Both are open before anything is said, as in a browser.
  for (const side of [ana, bo]) side.state = { ...side.state, isOpen: true };
  for (const side of [ana, bo]) side.setChannel(true);
}

/** Lets both work until nothing is left to do. */
export function settle(sides: readonly FileSide[], random: () => number = () => 0.4): void {
  for (let rounds = 0; rounds < 1_000_000; rounds += 1) {
    if (!sides.map((side) => side.step(random)).includes(true)) return;
  }
  throw new Error("The transfer never ends");
}
