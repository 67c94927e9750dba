import { BUILT_FOLDER, writeBuilt } from "../build/built_folder.ts";
import { bundleClient, BundleError } from "../build/client_bundle.ts";
import { readConfig } from "../config.ts";
import { ConfigError } from "../config_error.ts";
import { complain, describeError } from "../log.ts";

const ROOT = import.meta.dirname?.replace(/\/server\/cli$/, "") ?? ".";

/** Builds the files that the server serves. The start task runs it before it restricts permissions. */
try {
  // Fail early if a variable is invalid.
  readConfig();
  await writeBuilt(`${ROOT}/${BUILT_FOLDER}`, await bundleClient({ root: ROOT, isDev: false }));
} catch (error) {
  const isForOperator = error instanceof ConfigError || error instanceof BundleError;
  complain(isForOperator ? error.message : describeError(error));
  Deno.exit(1);
}
