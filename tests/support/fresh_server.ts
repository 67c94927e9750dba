import { parseConfig } from "../../server/config.ts";
import { IN_MEMORY } from "../../server/kv/open_database.ts";
import { Log } from "../../server/log.ts";
import { startServer } from "../../server/server.ts";
import type { RunningServer } from "../../server/server.ts";

/** A server without an owner, as on the first start. */
export interface FreshServer {
  readonly server: RunningServer;
  readonly origin: string;
  /** From the setup link that the first start prints. */
  readonly setupToken: string;
  readonly logs: readonly string[];
}

/** Starts a server in memory, on a free port, with cheap password hashes. */
export async function startFreshServer(): Promise<FreshServer> {
  const logs: string[] = [];
  let setupToken = "";
  const server = await startServer({ ...parseConfig({ PORT: "0" }), dataDir: IN_MEMORY }, {
    log: new Log({ level: "warn", format: "text", write: (line) => void logs.push(line) }),
    announce: (line) => void (setupToken = /\/setup#([\w-]+)/.exec(line)?.[1] ?? setupToken),
    passwordCost: { logN: 4, r: 1, p: 1 },
  });
  return { server, origin: `http://127.0.0.1:${server.port}`, setupToken, logs };
}
