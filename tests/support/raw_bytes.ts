/** Counts occurrences of a text in the bytes of files, as somebody reading the disk would; missing files have none. */
export async function countInFiles(files: readonly string[], text: string): Promise<number> {
  const wanted = new TextDecoder("latin1").decode(new TextEncoder().encode(text));
  let count = 0;
  for (const file of files) {
    const bytes = await Deno.readFile(file).catch(() => new Uint8Array());
    count += new TextDecoder("latin1").decode(bytes).split(wanted).length - 1;
  }
  return count;
}
