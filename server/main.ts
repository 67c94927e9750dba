import { DRAIN_MAX_MS } from "../shared/limits.ts";
import { BUILT_FOLDER, readBuilt } from "./build/built_folder.ts";
import { readConfig } from "./config.ts";
import { ConfigError } from "./config_error.ts";
import { DatabaseError } from "./kv/open_database.ts";
import { ListenError } from "./listener.ts";
import { complain, describeError, Log } from "./log.ts";
import { startServer } from "./server.ts";

const ROOT = import.meta.dirname?.replace(/\/server$/, "") ?? ".";

/** Starts the server and stops it on a signal. */
async function main(): Promise<void> {
  const isDev = Deno.args.includes("--dev");
  const config = readConfig({ isDev });
  const log = new Log({ level: config.logLevel, format: config.logFormat });
  const files = isDev ? [] : await readBuilt(`${ROOT}/${BUILT_FOLDER}`);
  if (files === null) throw new NotBuiltError();
  globalThis.addEventListener("unhandledrejection", (event) => {
    // A single failed request must not end the server for everyone.
    event.preventDefault();
    log.error("Unhandled promise rejection", event.reason);
  });
  const stopping = new AbortController();
  const start = (port: number) =>
    startServer({ ...config, port }, { log, files, root: ROOT, signal: stopping.signal });
  let starting = start(config.port);
  stopOnSignal(log, async () => {
    stopping.abort();
    // A start that waits for storage ends; one that has storage goes on, and the server stops as always.
    const server = await starting.catch(() => null);
    await server?.stop(isDev ? { spreadMs: 0 } : {});
  });
  try {
    for (;;) {
      const server = await starting;
      const reason = await server.lost;
      log.warn("Restarting, because memory and database differ", { reason });
      starting = server.stop({ spreadMs: 0 }).then(() => start(server.port));
    }
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
  }
}

class NotBuiltError extends Error {
  constructor() {
    super("The client is not built: run `deno task start`");
  }
}

function stopOnSignal(log: Log, stop: () => Promise<void>): void {
  let isStopping = false;
  const end = async () => {
    // A second signal stops at once.
    if (isStopping) Deno.exit(1);
    isStopping = true;
    // Hanging storage would delay the exit. Everything acknowledged is stored; clients send the rest again.
    setTimeout(() => {
      log.warn("Stopped without waiting for storage any longer");
      Deno.exit(0);
    }, DRAIN_MAX_MS);
    await stop();
    Deno.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) Deno.addSignalListener(signal, () => void end());
}

try {
  await main();
} catch (error) {
  const isForOperator = error instanceof ConfigError || error instanceof DatabaseError ||
    error instanceof ListenError || error instanceof NotBuiltError;
  complain(isForOperator ? error.message : describeError(error));
  Deno.exit(1);
}
