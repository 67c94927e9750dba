import type { BuiltFile } from "../../server/build/built_file.ts";
import { BUILT_FOLDER, readBuilt, writeBuilt } from "../../server/build/built_folder.ts";
import { builtClient } from "./built_client.ts";
import { waitFor } from "./wait.ts";

/** A real server in its own process, on a free port and a folder of its own. */
export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** The setup link of the first start; null if there is an owner already. */
  readonly setupToken: string | null;
  /** Resolves with the exit code when it has ended for any reason. */
  readonly ended: Promise<number>;
  /** Everything printed so far. */
  output(): string;
  /** Kills it and waits until it has gone. */
  kill(): Promise<void>;
  /** Asks it to stop, and returns the exit code. */
  stop(): Promise<number>;
}

const ROOT = new URL("../..", import.meta.url).pathname;
const START_TIMEOUT_MS = 120_000;

/** How a server starts. */
export interface ServerProcessOptions {
  /** Without one it gets a folder that goes with it, as servers with `KV_URL` need. */
  readonly dataDir?: string;
  /** 0, the default, picks a free one. */
  readonly port?: number;
  readonly env?: Record<string, string>;
  /** Whether it starts without its storage, so that it listens but is not ready. */
  readonly isWaiting?: boolean;
}

/** Starts `server/main.ts`; resolves when it is ready, or when it listens and waits for storage. */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  await ensureBuilt();
  const ownFolder = options.dataDir === undefined
    ? await Deno.makeTempDir({ prefix: "parley-server-" })
    : null;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-prompt", `${ROOT}/server/main.ts`],
    cwd: ROOT,
    env: {
      ...options.env,
      DATA_DIR: options.dataDir ?? ownFolder ?? "",
      PORT: String(options.port ?? 0),
      HOST: "127.0.0.1",
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const chunks: string[] = [];
  const reading = Promise.all([collect(child.stdout, chunks), collect(child.stderr, chunks)]);
  const output = () => chunks.join("");
  let isGone = false;
  const status = child.status.then(async (result) => {
    isGone = true;
    if (ownFolder !== null) await Deno.remove(ownFolder, { recursive: true });
    return result;
  });
  const end = async (signal: "SIGKILL" | "SIGTERM") => {
    if (!isGone) child.kill(signal);
    const { code } = await status;
    await reading;
    return code;
  };
  try {
    const url = await waitFor(() => {
      if (isGone) throw new Error(`The server ended:\n${output()}`);
      return /^Listening on (http:\/\/127\.0\.0\.1:\d+)$/m.exec(output())?.[1];
    }, { timeoutMs: START_TIMEOUT_MS, what: "the server says where it listens" });
    const answer = options.isWaiting === true ? 503 : 200;
    await waitFor(async () => (await get(`${url}/readyz`)) === answer, {
      timeoutMs: START_TIMEOUT_MS,
      what: `/readyz answers ${answer}`,
    });
    const setupToken = /\/setup#([A-Za-z0-9_-]+)/.exec(output())?.[1] ?? null;
    return {
      url,
      pid: child.pid,
      setupToken,
      ended: status.then(({ code }) => code),
      output,
      kill: async () => void await end("SIGKILL"),
      stop: () => end("SIGTERM"),
      [Symbol.asyncDispose]: async () => void await end("SIGKILL"),
    };
  } catch (error) {
    await end("SIGKILL");
    throw error;
  }
}

/** The server does not start without a built client, and an existing build may be outdated. */
async function ensureBuilt(): Promise<void> {
  const folder = `${ROOT}/${BUILT_FOLDER}`;
  const files = await builtClient();
  // Written only if it differs, because another test may be reading it.
  if (hashesOf(await readBuilt(folder) ?? []) !== hashesOf(files)) await writeBuilt(folder, files);
}

function hashesOf(files: readonly BuiltFile[]): string {
  return files.map(({ path, hash }) => `${path} ${hash}`).sort().join("\n");
}

async function get(url: string): Promise<number> {
  try {
    const response = await fetch(url);
    await response.body?.cancel();
    return response.status;
  } catch {
    return 0;
  }
}

async function collect(stream: ReadableStream<Uint8Array<ArrayBuffer>>, into: string[]): Promise<void> {
  for await (const text of stream.pipeThrough(new TextDecoderStream())) into.push(text);
}
