import { BUILT_FOLDER, writeBuilt } from "../build/built_folder.ts";
import { bundleClient, BundleError } from "../build/client_bundle.ts";
import { ConfigError, readConfig } from "../config.ts";
import { complain, describeError } from "../log.ts";

const ROOT = import.meta.dirname?.replace(/\/server\/cli$/, "") ?? ".";

/** Builds what the server serves. Run by the start task, before the permissions shrink. */
try {
  // A variable that cannot be used stops the start before anything is done.
  readConfig();
  await writeBuilt(`${ROOT}/${BUILT_FOLDER}`, await bundleClient({ root: ROOT, isDev: false }));
} catch (error) {
  const isForOperator = error instanceof ConfigError || error instanceof BundleError;
  complain(isForOperator ? error.message : describeError(error));
  Deno.exit(1);
}
