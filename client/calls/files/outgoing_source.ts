/** Read at once: reading single chunks is several times slower. */
const BLOCK_BYTES = 1024 * 1024;
/** Blocks that are read before they are asked for: each comes from another process, which may be busy. */
const AHEAD_COUNT = 2;

interface Block {
  readonly offset: number;
  readonly bytes: Promise<Uint8Array<ArrayBuffer>>;
}

/** A file that is sent, read ahead in blocks. */
export class OutgoingSource {
  readonly #file: Blob;
  /** The block that is used, and those after it. */
  #blocks: readonly Block[] = [];

  constructor(file: Blob) {
    this.#file = file;
  }

  /** Returns a part. Throws if the file has changed or is gone. */
  async read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    const block = this.#blockWith(offset, length);
    const start = offset - block.offset;
    const bytes = (await block.bytes).subarray(start, start + length);
    if (bytes.length < length) throw new Error("The file is shorter than it was");
    return bytes;
  }

  #blockWith(offset: number, length: number): Block {
    const index = this.#blocks.findIndex((one) =>
      offset >= one.offset && offset + length <= one.offset + BLOCK_BYTES
    );
    const blocks = index < 0 ? [this.#readBlock(offset)] : this.#blocks.slice(index);
    const [block] = blocks as [Block];
    while (blocks.length <= AHEAD_COUNT) {
      const next = block.offset + blocks.length * BLOCK_BYTES;
      if (next >= this.#file.size) break;
      blocks.push(this.#readBlock(next));
    }
    this.#blocks = blocks;
    return block;
  }

  #readBlock(offset: number): Block {
    const part = this.#file.slice(offset, offset + BLOCK_BYTES);
    const bytes = part.arrayBuffer().then((buffer) => new Uint8Array(buffer));
    // Whoever asks for it hears of the failure.
    bytes.catch(() => {});
    return { offset, bytes };
  }
}
