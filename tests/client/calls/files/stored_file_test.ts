import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { CHUNK_BYTES } from "../../../../shared/call/file_message.ts";
import { StoredFile } from "../../../../client/calls/files/stored_file.ts";
import type { SyncFile } from "../../../../client/calls/files/stored_file.ts";

/** A file of this content in memory. */
function fileOf(content: Uint8Array<ArrayBuffer>): SyncFile {
  let bytes = content;
  return {
    read: (into, { at }) => {
      const part = bytes.subarray(at, at + into.length);
      into.set(part);
      return part.length;
    },
    write: (part, { at }) => {
      const longer = new Uint8Array(Math.max(bytes.length, at + part.length));
      longer.set(bytes);
      longer.set(part, at);
      bytes = longer;
      return part.length;
    },
    truncate: (size) => {
      bytes = bytes.slice(0, size);
    },
    flush: () => {},
    getSize: () => bytes.length,
    close: () => {},
  };
}

describe("StoredFile", () => {
  it("FILE28 says of chunks that come again that they are stored", () => {
    const content = new Uint8Array([1, 2, 3, 4]);
    const stored: number[] = [];
    const events = {
      onStored: (offset: number) => void stored.push(offset),
      onFailed: (error: unknown) => {
        throw error;
      },
    };
    // The whole file was flushed, but nobody heard of it: the channel was lost just then.
    const file = new StoredFile(fileOf(content), 4, events);
    file.write(0, content.subarray(0, 2));
    file.write(2, content.subarray(2));
    file.close();
    expect(stored).toEqual([2, 4]);
  });

  it("FILE34 writes many chunks at once, also when some come again", async () => {
    const size = 20 * CHUNK_BYTES + 5;
    const content = Uint8Array.from({ length: size }, (_, index) => index * 7 + (index >> 8));
    const kept = fileOf(new Uint8Array());
    const writes: number[] = [];
    const write: SyncFile["write"] = (bytes, options) => {
      writes.push(bytes.length);
      return kept.write(bytes, options);
    };
    const stored: number[] = [];
    const onStored = (offset: number) => void stored.push(offset);
    const onFailed = (error: unknown) => {
      throw error;
    };
    const file = new StoredFile({ ...kept, write }, size, { onStored, onFailed });
    const send = (from: number, to: number) => {
      for (let at = from; at < to; at += CHUNK_BYTES) file.write(at, content.slice(at, at + CHUNK_BYTES));
    };
    send(0, 10 * CHUNK_BYTES);
    // The channel was lost: what nobody has acknowledged comes once more.
    send(8 * CHUNK_BYTES, size);
    expect(writes).toEqual([8 * CHUNK_BYTES, 8 * CHUNK_BYTES, 4 * CHUNK_BYTES + 5]);
    expect(stored).toEqual([8 * CHUNK_BYTES, 16 * CHUNK_BYTES, size]);
    expect(await file.digest()).toBe(createHash("sha256").update(content).digest("hex"));
    file.close();
  });
});
