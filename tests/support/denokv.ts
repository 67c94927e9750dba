import { freePort } from "./free_port.ts";

/** Where CI installs the program, outside of every checkout. */
const CI_PATH = "/opt/denokv/bin/denokv";
const READY_WITHIN_MS = 10_000;
/** KV Connect refuses shorter ones. */
const TOKEN = "token-of-the-tests";

/** A KV Connect server for a test, on a free loopback port. */
export interface Denokv extends AsyncDisposable {
  readonly url: string;
  readonly token: string;
  readonly file: string;
  readonly pid: number;
  /** Opens a handle like an instance does. */
  open(): Promise<Deno.Kv>;
  /** Sends a signal: SIGSTOP freezes the server, SIGCONT resumes it. */
  signal(signal: Deno.Signal): void;
  /** Ends it with SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again on the same port and file. */
  restart(): Promise<void>;
}

/** Finds the program in DENOKV_PATH, the PATH and the usual places; null if it is not installed. */
export async function findDenokv(): Promise<string | null> {
  const home = Deno.env.get("HOME") ?? "";
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  const candidates = [
    Deno.env.get("DENOKV_PATH") ?? "",
    CI_PATH,
    ...[...folders, `${home}/.cargo/bin`].map((folder) => `${folder}/denokv`),
  ];
  for (const path of candidates) {
    if (path !== "" && await Deno.stat(path).then((info) => info.isFile, () => false)) return path;
  }
  return null;
}

/** Printed before the tests if it is not installed. */
export const DENOKV_HINT =
  "Tests of several instances are left out: `cargo install denokv --version 0.14.0 --locked` brings them in";

/** Whether tests with a KV Connect server can run; in CI, a missing program is an error. */
export async function hasDenokv(): Promise<boolean> {
  if (await findDenokv() !== null) return true;
  if (Deno.env.get("CI") !== undefined) {
    throw new Error("denokv is not installed, and in CI nothing is skipped");
  }
  return false;
}

/** Starts a server with a file of its own and waits until it answers. */
export async function startDenokv(): Promise<Denokv> {
  const program = await findDenokv();
  if (program === null) throw new Error("denokv is not installed");
  const folder = await Deno.makeTempDir({ prefix: "parley-denokv-" });
  const file = `${folder}/kv.sqlite`;
  const port = freePort();
  const url = `http://127.0.0.1:${port}`;
  let child = await spawn(program, file, port);
  Deno.env.set("DENO_KV_ACCESS_TOKEN", TOKEN);
  const kill = async () => {
    // A stopped process handles no other signal.
    for (const signal of ["SIGCONT", "SIGKILL"] as const) tryKill(child, signal);
    await child.status;
  };
  return {
    url,
    token: TOKEN,
    file,
    get pid() {
      return child.pid;
    },
    open: () => Deno.openKv(url),
    signal: (signal) => child.kill(signal),
    kill,
    async restart() {
      await kill();
      child = await spawn(program, file, port);
    },
    async [Symbol.asyncDispose]() {
      await kill();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

async function spawn(program: string, file: string, port: number): Promise<Deno.ChildProcess> {
  const child = new Deno.Command(program, {
    args: ["--sqlite-path", file, "serve", "--addr", `127.0.0.1:${port}`, "--num-workers", "3"],
    env: { DENO_KV_ACCESS_TOKEN: TOKEN },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  for (const endsAt = Date.now() + READY_WITHIN_MS; Date.now() < endsAt;) {
    if (await isReady(port)) return child;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  tryKill(child, "SIGKILL");
  await child.status;
  throw new Error(`denokv did not answer on port ${port} within ${READY_WITHIN_MS} ms`);
}

/** There is no health route; the version exchange answers 200 when the server is ready. */
async function isReady(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/`, {
      method: "POST",
      headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
      body: JSON.stringify({ supportedVersions: [3] }),
    });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

function tryKill(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch {
    // It has already gone.
  }
}
