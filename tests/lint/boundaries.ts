import { envInConfig, noConsole, noDeno, noHtmlSinks, socketsInNet } from "./capability_rules.ts";
import { documentedExports } from "./doc_rules.ts";
import { fileName, maxLines } from "./file_rules.ts";
import { importDirection } from "./import_rules.ts";
import { keysInOneFile, openKvInKv } from "./key_rules.ts";
import { camelCase } from "./name_rules.ts";

/** The lint rules of this project. */
export default {
  name: "parley",
  rules: {
    "import-direction": importDirection,
    "max-lines": maxLines,
    "file-name": fileName,
    "camel-case": camelCase,
    "documented-exports": documentedExports,
    "no-html-sinks": noHtmlSinks,
    "no-console": noConsole,
    "env-in-config": envInConfig,
    "no-deno": noDeno,
    "sockets-in-net": socketsInNet,
    "keys-in-one-file": keysInOneFile,
    "open-kv-in-kv": openKvInKv,
  },
} satisfies Deno.lint.Plugin;
