import { describe, expect, it } from "vitest";
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
});
