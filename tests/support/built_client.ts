import type { BuiltFile } from "../../server/build/built_file.ts";
import { bundleClient } from "../../server/build/client_bundle.ts";

const ROOT = new URL("../..", import.meta.url).pathname;

let files: Promise<BuiltFile[]> | undefined;

/** The real client, built once per test file from the current sources; call it in `beforeAll`. */
export function builtClient(): Promise<BuiltFile[]> {
  return files ??= bundleClient({ root: ROOT, isDev: false });
}
