import { parseArgs } from "node:util";
import { readConfig } from "../config.ts";
import { ConfigError } from "../config_error.ts";
import { backUp, restore } from "../kv/backup.ts";
import { compact } from "../kv/compact.ts";
import { DATABASE_FILE, DatabaseError } from "../kv/open_database.ts";
import { announce, complain, describeError } from "../log.ts";

const USAGE = `Usage: deno task backup TARGET [--file DATABASE]
       deno task restore COPY [--file DATABASE]
       deno task compact [--file DATABASE]

TARGET is a new file. DATABASE is the file of your denokv server, if you use one; by default, the one in DATA_DIR.`;

/** Wrong arguments; the message explains the usage. */
class UsageError extends Error {}

/** Runs the task named by the first argument. */
async function main(args: readonly string[]): Promise<void> {
  const [task, ...rest] = args;
  if (task === "compact") return await runCompact(parse(rest, 0).file);
  const { path, file } = parse(rest, 1);
  if (task === "backup") {
    const { rowCount, sizeBytes } = await backUp(file, path);
    announce(`Copied ${rowCount} rows, ${toMb(sizeBytes)}, of ${file} to ${path}`);
  } else {
    const { rowCount, sizeBytes, kept } = await restore(path, file);
    announce(`Restored ${rowCount} rows, ${toMb(sizeBytes)}, from ${path} to ${file}`);
    if (kept !== null) announce(`The previous database is now ${kept}`);
  }
}

async function runCompact(file: string): Promise<void> {
  const { rowCount, sizeBytes, beforeBytes } = await compact(file);
  announce(`Compacted ${file}: ${rowCount} rows, ${toMb(sizeBytes)} instead of ${toMb(beforeBytes)}`);
}

function parse(args: string[], pathCount: number): { path: string; file: string } {
  const { values, positionals } = parseArgs({
    args,
    options: { file: { type: "string" } },
    allowPositionals: true,
  });
  if (positionals.length !== pathCount) throw new UsageError(USAGE);
  return { path: positionals[0] ?? "", file: values.file ?? ownFile() };
}

function ownFile(): string {
  const { kvUrl, dataDir } = readConfig();
  if (kvUrl === null) return `${dataDir}/${DATABASE_FILE}`;
  throw new UsageError(
    `The database is at KV_URL: run this on the machine that has its file, with --file\n\n${USAGE}`,
  );
}

function toMb(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

try {
  await main(Deno.args);
} catch (error) {
  const isUsage = error instanceof UsageError ||
    (error instanceof TypeError && Reflect.get(error, "code")?.startsWith?.("ERR_PARSE_ARGS"));
  const isForOperator = isUsage || error instanceof DatabaseError || error instanceof ConfigError;
  complain(isForOperator ? error.message : describeError(error));
  Deno.exit(isUsage ? 2 : 1);
}
