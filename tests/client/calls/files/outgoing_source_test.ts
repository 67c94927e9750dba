import { describe, expect, it } from "vitest";
import { OutgoingSource } from "../../../../client/calls/files/outgoing_source.ts";
import { CHUNK_BYTES } from "../../../../shared/call/file_message.ts";

const MIB = 1024 * 1024;

/** A file of which nothing is read before `release`; `asked` are the offsets of the parts that are read. */
function slowFile(sizeBytes: number) {
  const bytes = new Uint8Array(sizeBytes).map((_, index) => index >> 12);
  const asked: number[] = [];
  const released = Promise.withResolvers<void>();
  const file = new Blob([bytes]);
  const slice = file.slice.bind(file);
  file.slice = (from = 0, to = sizeBytes) => {
    asked.push(from);
    const part = slice(from, to);
    const read = part.arrayBuffer.bind(part);
    part.arrayBuffer = () => released.promise.then(read);
    return part;
  };
  return { file, bytes, asked, release: () => released.resolve() };
}

describe("OutgoingSource", () => {
  it("FILE38 reads two blocks more than it is asked for, and each once", async () => {
    const { file, bytes, asked, release } = slowFile(4 * MIB + 100);
    const source = new OutgoingSource(file);
    const first = source.read(0, CHUNK_BYTES);
    expect(asked).toEqual([0, MIB, 2 * MIB]);
    release();
    expect(await first).toEqual(bytes.subarray(0, CHUNK_BYTES));
    for (let offset = CHUNK_BYTES; offset < bytes.length; offset += CHUNK_BYTES) {
      const length = Math.min(CHUNK_BYTES, bytes.length - offset);
      expect(await source.read(offset, length)).toEqual(bytes.subarray(offset, offset + length));
    }
    expect(asked).toEqual([0, MIB, 2 * MIB, 3 * MIB, 4 * MIB]);
  });

  it("FILE38 goes on anywhere, as after an interruption", async () => {
    const { file, bytes, release } = slowFile(3 * MIB);
    const source = new OutgoingSource(file);
    release();
    for (const offset of [2 * MIB + 5, 7, MIB - 3]) {
      expect(await source.read(offset, CHUNK_BYTES)).toEqual(bytes.subarray(offset, offset + CHUNK_BYTES));
    }
  });

  it("FILE38 fails when the file is shorter than it was", async () => {
    const source = new OutgoingSource(new Blob([new Uint8Array(10)]));
    await expect(source.read(0, 11)).rejects.toThrow("shorter");
  });
});
