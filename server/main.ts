import { DRAIN_MAX_MS } from "../shared/limits.ts";
import { BUILT_FOLDER, readBuilt } from "./build/built_folder.ts";
import { readConfig } from "./config.ts";
import { ConfigError } from "./config_error.ts";
import { DatabaseError } from "./kv/open_database.ts";
import { complain, describeError, Log } from "./log.ts";
import { ListenError, startServer } from "./server.ts";
import type { RunningServer } from "./server.ts";

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
  let server = await startServer(config, { log, files, root: ROOT });
  stopOnSignal(() => server, { isDev, log });
  for (;;) {
    const reason = await server.lost;
    log.warn("Restarting, because memory and database differ", { reason });
    const { port } = server;
    await server.stop({ spreadMs: 0 });
    server = await startServer({ ...config, port }, { log, files, root: ROOT });
  }
}

class NotBuiltError extends Error {
  constructor() {
    super("The client is not built: run `deno task start`");
  }
}

function stopOnSignal(server: () => RunningServer, { isDev, log }: { isDev: boolean; log: Log }): void {
  let isStopping = false;
  const stop = async () => {
    // A second signal stops at once.
    if (isStopping) Deno.exit(1);
    isStopping = true;
    // Hanging storage would delay the exit. Everything acknowledged is stored; clients send the rest again.
    setTimeout(() => {
      log.warn("Stopped without waiting for storage any longer");
      Deno.exit(0);
    }, DRAIN_MAX_MS);
    await server().stop(isDev ? { spreadMs: 0 } : {});
    Deno.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) Deno.addSignalListener(signal, () => void stop());
}

try {
  await main();
} catch (error) {
  const isForOperator = error instanceof ConfigError || error instanceof DatabaseError ||
    error instanceof ListenError || error instanceof NotBuiltError;
  complain(isForOperator ? error.message : describeError(error));
  Deno.exit(1);
}
