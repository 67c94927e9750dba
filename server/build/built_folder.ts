import { endingOf } from "./built_file.ts";
import type { BuiltFile } from "./built_file.ts";

/** Folder for the output of the start task, relative to the project. */
export const BUILT_FOLDER = "static/built";

const INDEX_FILE = "files.json";

interface IndexEntry {
  readonly path: string;
  readonly type: string;
  readonly hash: string;
  readonly isImmutable: boolean;
  readonly file: string;
  readonly br: string | null;
  readonly gzip: string | null;
}

/** Writes built files and their index into `folder`, replacing what was there. */
export async function writeBuilt(folder: string, files: readonly BuiltFile[]): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const written = new Set([INDEX_FILE]);
  const write = async (name: string, contents: Uint8Array | undefined) => {
    if (contents === undefined) return null;
    await Deno.writeFile(`${folder}/${name}`, contents);
    written.add(name);
    return name;
  };
  const index: IndexEntry[] = [];
  for (const { path, type, hash, isImmutable, contents, encoded } of files) {
    const file = `${hash}.${endingOf(path)}`;
    await write(file, contents);
    index.push({
      path,
      type,
      hash,
      isImmutable,
      file,
      br: await write(`${file}.br`, encoded.br),
      gzip: await write(`${file}.gz`, encoded.gzip),
    });
  }
  // The index comes last, so that every file it lists exists.
  await Deno.writeTextFile(`${folder}/${INDEX_FILE}`, JSON.stringify(index, null, 2));
  for await (const { name } of Deno.readDir(folder)) {
    if (!written.has(name)) await Deno.remove(`${folder}/${name}`, { recursive: true });
  }
}

/** Reads what `writeBuilt` wrote; null if nothing was built. */
export async function readBuilt(folder: string): Promise<BuiltFile[] | null> {
  const index = await readIndex(folder);
  if (index === null) return null;
  return await Promise.all(index.map(async ({ path, type, hash, isImmutable, file, br, gzip }) => ({
    path,
    type,
    hash,
    isImmutable,
    contents: await Deno.readFile(`${folder}/${file}`),
    encoded: {
      ...(br === null ? {} : { br: await Deno.readFile(`${folder}/${br}`) }),
      ...(gzip === null ? {} : { gzip: await Deno.readFile(`${folder}/${gzip}`) }),
    },
  })));
}

async function readIndex(folder: string): Promise<IndexEntry[] | null> {
  try {
    return JSON.parse(await Deno.readTextFile(`${folder}/${INDEX_FILE}`)) as IndexEntry[];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
