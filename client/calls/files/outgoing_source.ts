/** Read at once: reading single chunks is several times slower. */
const BLOCK_BYTES = 1024 * 1024;

interface Block {
  readonly offset: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A file that is sent, read ahead in blocks. */
export class OutgoingSource {
  readonly #file: Blob;
  #block: Block | null = null;
  #next: { readonly offset: number; readonly block: Promise<Block> } | null = null;

  constructor(file: Blob) {
    this.#file = file;
  }

  /** Returns a part. Throws if the file has changed or is gone. */
  async read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    let block = this.#block;
    if (block === null || !holds(block, offset, length)) {
      this.#block = null;
      block = await (this.#next?.offset === offset ? this.#next.block : this.#read(offset));
      this.#block = block;
      this.#readAhead(offset + block.bytes.length);
    }
    const start = offset - block.offset;
    const bytes = block.bytes.subarray(start, start + length);
    if (bytes.length < length) throw new Error("The file is shorter than it was");
    return bytes;
  }

  #readAhead(offset: number): void {
    this.#next = null;
    if (offset >= this.#file.size) return;
    const block = this.#read(offset);
    // Whoever asks for it hears of the failure.
    block.catch(() => {});
    this.#next = { offset, block };
  }

  async #read(offset: number): Promise<Block> {
    const bytes = new Uint8Array(await this.#file.slice(offset, offset + BLOCK_BYTES).arrayBuffer());
    return { offset, bytes };
  }
}

function holds({ offset, bytes }: Block, from: number, length: number): boolean {
  return from >= offset && from + length <= offset + bytes.length;
}
