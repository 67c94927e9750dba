import { describe, expect, it } from "vitest";
import { CHUNK_BYTES, FILE_MAX_BYTES } from "../../../shared/call/file_message.ts";
import type { FileMessage } from "../../../shared/call/file_message.ts";
import {
  ACK_BYTES,
  BACKLOG_BYTES,
  FILES_MAX_COUNT,
  NO_FILES,
  STUCK_MS,
  WINDOW_BYTES,
} from "../../../shared/call/file_transfer.ts";
import type { FilesEffect, FilesEvent, FilesState } from "../../../shared/call/file_transfer.ts";
import { reduceFiles } from "../../../shared/call/reduce_files.ts";

const fileId = "file000000000000";
const hash = "a".repeat(64);
const MIB = 1024 * 1024;

/** One side, with the effects of its last event. */
class Side {
  state: FilesState = { ...NO_FILES, isOpen: true };
  effects: readonly FilesEffect[] = [];

  on(...events: FilesEvent[]): this {
    for (const event of events) {
      const step = reduceFiles(this.state, event, 0);
      this.state = step.state;
      this.effects = step.effects;
    }
    return this;
  }

  hear(...messages: FileMessage[]): this {
    return this.on(...messages.map((message) => ({ type: "message" as const, message })));
  }

  /** The messages that the last event has sent. */
  get sent(): FileMessage[] {
    return this.effects.flatMap((effect) => effect.type === "send" ? [effect.message] : []);
  }

  count(type: FilesEffect["type"]): number {
    return this.effects.filter((effect) => effect.type === type).length;
  }

  get outgoing() {
    return this.state.outgoing[0];
  }

  get incoming() {
    return this.state.incoming[0];
  }
}

const accept = (offset: number): FileMessage => ({ type: "accept", fileId, offset });
const chunkSent = (offset: number): FilesEvent => ({ type: "chunk_sent", fileId, offset, bufferedBytes: 0 });
const chunk = (offset: number, length: number): FilesEvent => ({ type: "chunk", fileId, offset, length });
const stored = (offset: number): FilesEvent => ({ type: "stored", fileId, offset });

function sender(size: number): Side {
  return new Side().on({ type: "offer", fileId, name: "a.txt", size });
}

function receiver(size: number): Side {
  return new Side().hear({ type: "offer", fileId, name: "a.txt", size })
    .on({ type: "accept", fileId }, { type: "opened", fileId, offset: 0 });
}

describe("a file that is sent", () => {
  it("begins where the receiver says, once for each channel", () => {
    const side = sender(FILE_MAX_BYTES).hear(accept(CHUNK_BYTES)).on(chunkSent(CHUNK_BYTES));
    expect(side.outgoing?.sent).toBe(3 * CHUNK_BYTES);
    expect(side.hear(accept(0)).outgoing?.sent).toBe(3 * CHUNK_BYTES);
    side.on({ type: "channel", isOpen: false });
    expect(side.hear(accept(0)).count("send_chunk")).toBe(0);
    side.on({ type: "channel", isOpen: true });
    expect(side.hear(accept(2 * CHUNK_BYTES)).effects[0]).toMatchObject({ offset: 2 * CHUNK_BYTES });
  });

  it("is read one chunk at a time, of this channel", () => {
    const side = sender(FILE_MAX_BYTES).hear(accept(0));
    expect(side.on({ type: "has_room" }).count("send_chunk")).toBe(0);
    expect(side.on(chunkSent(CHUNK_BYTES)).count("send_chunk")).toBe(0);
    expect(side.on(chunkSent(0)).count("send_chunk")).toBe(1);
  });

  it("is acknowledged forwards only, and not beyond what was sent", () => {
    const side = sender(FILE_MAX_BYTES).hear(accept(0)).on(chunkSent(0));
    const acked = [100, 50, 10 * CHUNK_BYTES].map((offset) => {
      return side.hear({ type: "ack", fileId, offset }).outgoing?.acked;
    });
    expect(acked).toEqual([100, 100, 100]);
  });

  it("tells its hash after its last chunk, and again on another channel, without computing it again", () => {
    const side = sender(10).hear(accept(0));
    expect(side.count("hash")).toBe(0);
    expect(side.on(chunkSent(0)).count("hash")).toBe(1);
    const complete: FileMessage = { type: "complete", fileId, hash };
    expect(side.on({ type: "hashed", fileId, hash }).sent).toEqual([complete]);
    side.on({ type: "channel", isOpen: false }, { type: "channel", isOpen: true });
    expect(side.hear(accept(10)).sent).toEqual([complete]);
    expect(side.count("hash")).toBe(0);
  });

  it("is done only when its hash was told", () => {
    const checked: FileMessage = { type: "checked", fileId, isEqual: true };
    const side = sender(10).hear(accept(0)).on(chunkSent(0)).hear(checked);
    expect(side.outgoing?.phase).toBe("checking");
    // A tick that comes early sets the alarm again.
    expect(side.on({ type: "tick" }).effects).toContainEqual({ type: "wake", at: STUCK_MS });
    expect(side.on({ type: "hashed", fileId, hash }).hear(checked).outgoing?.phase).toBe("done");
  });

  it("is taken back although it is not here any more", () => {
    expect(new Side().on({ type: "withdraw", fileId }).sent).toEqual([{ type: "cancel", fileId }]);
  });

  it("is one of fifty at most, each with an id of its own", () => {
    const side = sender(10).on({ type: "offer", fileId, name: "b.txt", size: 20 });
    expect(side.state.outgoing).toHaveLength(1);
    for (let index = 0; index < 60; index += 1) {
      side.on({ type: "offer", fileId: `file${index}`, name: "c", size: 1 });
    }
    expect(side.state.outgoing).toHaveLength(FILES_MAX_COUNT);
  });
});

describe("a file that is received", () => {
  it("is acknowledged each 256 KiB, and at its end", () => {
    const size = 10 * CHUNK_BYTES;
    const side = receiver(size);
    const acks: number[] = [];
    for (let offset = 0; offset < size; offset += CHUNK_BYTES) {
      side.on(chunk(offset, CHUNK_BYTES));
      for (const message of side.sent) if (message.type === "ack") acks.push(message.offset);
    }
    expect(acks).toEqual([ACK_BYTES, 2 * ACK_BYTES, size]);
  });

  it("FILE37 is acknowledged before it is stored, up to 2 MiB", () => {
    const side = receiver(FILE_MAX_BYTES);
    let offset = 0;
    const receive = () => side.on(chunk(offset, CHUNK_BYTES));
    for (; offset < 4 * MIB; offset += CHUNK_BYTES) receive();
    expect(side.incoming).toMatchObject({ stored: 0, acked: 2 * MIB });
    expect(side.on(stored(MIB)).sent).toEqual([{ type: "ack", fileId, offset: 3 * MIB }]);
  });

  it("FILE37 is acknowledged again from where it goes on after an interruption", () => {
    const side = receiver(FILE_MAX_BYTES);
    for (let offset = 0; offset < 2 * MIB; offset += CHUNK_BYTES) side.on(chunk(offset, CHUNK_BYTES));
    side.on(stored(MIB), { type: "channel", isOpen: false }, { type: "channel", isOpen: true });
    side.hear({ type: "offer", fileId, name: "a.txt", size: FILE_MAX_BYTES });
    expect(side.sent).toEqual([accept(MIB)]);
    for (let offset = MIB; offset < MIB + ACK_BYTES; offset += CHUNK_BYTES) {
      side.on(chunk(offset, CHUNK_BYTES));
    }
    expect(side.sent).toEqual([{ type: "ack", fileId, offset: MIB + ACK_BYTES }]);
  });

  it("is stored forwards only, and not beyond what has arrived", () => {
    const side = receiver(FILE_MAX_BYTES).on(chunk(0, 30));
    expect([20, 10, 40].map((offset) => side.on(stored(offset)).incoming?.stored)).toEqual([20, 20, 20]);
  });

  it("ignores a chunk that it has, and fails by one that is too large", () => {
    const side = receiver(FILE_MAX_BYTES).on(chunk(0, 30));
    expect(side.on(chunk(0, 30)).count("store")).toBe(0);
    expect(side.incoming?.phase).toBe("receiving");
    expect(side.on(chunk(30, CHUNK_BYTES + 1)).incoming?.phase).toBe("failed");
    expect(side.count("discard")).toBe(1);
  });

  it("fails when the sender does not wait for what is stored", () => {
    const side = receiver(FILE_MAX_BYTES);
    let offset = 0;
    for (; side.incoming?.phase === "receiving"; offset += CHUNK_BYTES) side.on(chunk(offset, CHUNK_BYTES));
    expect(offset).toBe(WINDOW_BYTES + BACKLOG_BYTES + ACK_BYTES + CHUNK_BYTES);
  });

  it("is compared when the last chunk is stored, however long after the hash has come", () => {
    const side = receiver(10).on(chunk(0, 10)).hear({ type: "complete", fileId, hash });
    expect(side.count("hash")).toBe(0);
    expect(side.on(stored(10)).count("hash")).toBe(1);
    expect(side.on({ type: "hashed", fileId, hash }).sent).toEqual([{
      type: "checked",
      fileId,
      isEqual: true,
    }]);
  });

  it("is answered for again when the sender has not heard the result", () => {
    const side = receiver(10).on(chunk(0, 10), stored(10)).hear({ type: "complete", fileId, hash });
    side.on({ type: "hashed", fileId, hash: "b".repeat(64) });
    expect(side.incoming?.phase).toBe("damaged");
    expect(side.hear({ type: "offer", fileId, name: "a.txt", size: 10 }).sent).toEqual([accept(10)]);
    expect(side.hear({ type: "complete", fileId, hash }).sent).toEqual([{
      type: "checked",
      fileId,
      isEqual: false,
    }]);
    const declined = new Side().hear({ type: "offer", fileId, name: "a.txt", size: 10 });
    declined.on({ type: "decline", fileId }).hear({ type: "complete", fileId, hash });
    expect(declined.sent).toEqual([]);
  });

  it("tells where to begin when its place is open, on whichever channel that is", () => {
    const offer: FileMessage = { type: "offer", fileId, name: "a.txt", size: 100 };
    const side = new Side().hear(offer).on({ type: "accept", fileId });
    expect([side.sent, side.effects]).toEqual([[], [{ type: "open", fileId, size: 100, isNew: true }]]);
    side.on({ type: "channel", isOpen: false }, { type: "opened", fileId, offset: 0 });
    expect(side.sent).toEqual([]);
    expect(side.on({ type: "channel", isOpen: true }).hear(offer).sent).toEqual([accept(0)]);
  });

  it("is offered again on each channel, if the sender still has it", () => {
    const side = receiver(100).on(chunk(0, 60), { type: "channel", isOpen: false });
    expect(side.on({ type: "channel", isOpen: true }).incoming?.isOffered).toBe(false);
    side.hear({ type: "offer", fileId, name: "a.txt", size: 100 });
    expect(side.incoming?.isOffered).toBe(true);
    const restored = new Side().on({ type: "restore", fileId, name: "a.txt", size: 100, isDone: false });
    expect(restored.incoming?.isOffered).toBe(false);
  });

  it("is opened once, and begins within its size", () => {
    const side = receiver(100).on(chunk(0, 60), { type: "opened", fileId, offset: 0 });
    expect([side.incoming?.received, side.sent]).toEqual([60, []]);
    const offer: FileMessage = { type: "offer", fileId, name: "a.txt", size: 100 };
    const restored = new Side().on({ type: "restore", fileId, name: "a.txt", size: 100, isDone: false });
    restored.hear(offer).on({ type: "opened", fileId, offset: 150 });
    expect([restored.incoming?.stored, restored.sent]).toEqual([100, [accept(100)]]);
  });

  it("goes on with what was stored before the page was loaded again, also if that is all of it", () => {
    for (const offset of [40, 100]) {
      const side = new Side().on({ type: "restore", fileId, name: "a.txt", size: 100, isDone: false });
      side.hear({ type: "offer", fileId, name: "a.txt", size: 100 });
      expect([side.sent, side.count("open")]).toEqual([[], 1]);
      expect(side.on({ type: "opened", fileId, offset }).sent).toEqual([accept(offset)]);
      if (offset < 100) side.on(chunk(offset, 60), stored(100));
      expect(side.hear({ type: "complete", fileId, hash }).count("hash")).toBe(1);
    }
  });

  it("fails when something comes before the sender was told where to begin", () => {
    const restore: FilesEvent = { type: "restore", fileId, name: "a.txt", size: 10, isDone: false };
    expect(new Side().on(restore, chunk(0, 10)).incoming?.phase).toBe("failed");
    for (const size of [10, 0]) {
      const side = new Side().on({ ...restore, size }).hear({ type: "complete", fileId, hash });
      expect(side.incoming?.phase).toBe("failed");
    }
  });

  it("is left to another device that goes on with it, and nobody is told", () => {
    const side = receiver(10).on(chunk(0, 10), { type: "taken", fileId });
    expect([side.state.incoming, side.sent, side.count("discard")]).toEqual([[], [], 0]);
    expect(side.on(stored(10), chunk(0, 10)).effects).toEqual([]);
  });

  it("is one of fifty at most, with an id that no other file has", () => {
    const side = sender(10).hear({ type: "offer", fileId, name: "b.txt", size: 20 });
    expect(side.sent).toEqual([{ type: "decline", fileId }]);
    for (let index = 0; index < 60; index += 1) {
      side.hear({ type: "offer", fileId: `file${index}`, name: "c", size: 1 });
    }
    expect(side.state.incoming).toHaveLength(FILES_MAX_COUNT);
    expect(side.sent).toEqual([{ type: "decline", fileId: "file59" }]);
  });

  it("is deleted when either side cancels", () => {
    expect(receiver(10).on({ type: "cancel", fileId }).count("discard")).toBe(1);
    const told = receiver(10).hear({ type: "cancel", fileId });
    expect([told.count("discard"), told.sent]).toEqual([1, []]);
  });
});
