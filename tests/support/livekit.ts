import { freePort } from "./free_port.ts";
import { waitFor } from "./wait.ts";

/** Where CI builds the program, outside of every checkout. */
const CI_PATH = "/opt/livekit/bin/livekit-server";
const START_TIMEOUT_MS = 30_000;
const DEPLOYED = new URL("../../server/deploy/livekit.yaml", import.meta.url);

/** A LiveKit server for a test, on free loopback ports. */
export interface LiveKit extends AsyncDisposable {
  /** As `LIVEKIT_URL` names it. */
  readonly url: string;
  readonly key: string;
  readonly secret: string;
  readonly pid: number;
  /** SIGSTOP freezes it, SIGCONT resumes it. */
  signal(signal: Deno.Signal): void;
  /** Everything printed so far. */
  output(): string;
}

/** Printed before the tests if it is not installed. */
export const LIVEKIT_HINT =
  "Tests with a LiveKit server are left out: `.ci/run` builds one (with Go), or set LIVEKIT_PATH";

/** Finds the program in LIVEKIT_PATH, where CI builds it, and the PATH; null if it is not installed. */
export async function findLiveKit(): Promise<string | null> {
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  const named = Deno.env.get("LIVEKIT_PATH") ?? "";
  for (const path of [named, CI_PATH, ...folders.map((folder) => `${folder}/livekit-server`)]) {
    if (path !== "" && await Deno.stat(path).then((info) => info.isFile, () => false)) return path;
  }
  return null;
}

/** Whether tests with a LiveKit server can run; in CI, a missing program is an error. */
export async function hasLiveKit(): Promise<boolean> {
  if (await findLiveKit() !== null) return true;
  if (Deno.env.get("CI") !== undefined) {
    throw new Error("LiveKit is not installed, and in CI nothing is skipped");
  }
  return false;
}

/** Starts a server with its configuration from `server/deploy/`, changing only addresses and the secret. */
export async function startLiveKit({ port = freePort() }: { readonly port?: number } = {}): Promise<LiveKit> {
  const program = await findLiveKit();
  if (program === null) throw new Error("LiveKit is not installed");
  const secret = crypto.getRandomValues(new Uint8Array(24)).toHex();
  const folder = await Deno.makeTempDir({ prefix: "parley-livekit-" });
  const file = `${folder}/livekit.yaml`;
  await Deno.writeTextFile(file, await deployedConfig(port, secret));
  const child = new Deno.Command(program, {
    args: ["--config", file],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const chunks: string[] = [];
  const reading = Promise.all([collect(child.stdout, chunks), collect(child.stderr, chunks)]);
  let hasEnded = false;
  const status = child.status.then(() => void (hasEnded = true));
  let ending: Promise<void> | null = null;
  const end = () => ending ??= kill();
  const kill = async () => {
    if (!hasEnded) {
      // A stopped process handles no other signal.
      for (const signal of ["SIGCONT", "SIGKILL"] as const) child.kill(signal);
    }
    await status;
    await reading;
    await Deno.remove(folder, { recursive: true });
  };
  try {
    await waitFor(async () => {
      if (hasEnded) throw new Error(`LiveKit ended:\n${chunks.join("")}`);
      return await answers(port);
    }, { timeoutMs: START_TIMEOUT_MS, what: "LiveKit answers" });
  } catch (error) {
    await end();
    throw error;
  }
  return {
    url: `ws://127.0.0.1:${port}`,
    key: "parley",
    secret,
    pid: child.pid,
    signal: (signal) => child.kill(signal),
    output: () => chunks.join(""),
    [Symbol.asyncDispose]: end,
  };
}

/** A device that has joined as browsers do, but sends no media. */
export interface LiveKitDevice extends AsyncDisposable {
  readonly hasEnded: boolean;
}

/** Joins a room by a token. */
export async function joinLiveKit(url: string, token: string): Promise<LiveKitDevice> {
  const socket = new WebSocket(`${url}/rtc?access_token=${token}&protocol=15&sdk=js`);
  socket.binaryType = "arraybuffer";
  const joined = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  let hasEnded = false;
  // The first message says who else is there.
  socket.onmessage = () => joined.resolve();
  socket.onclose = () => {
    hasEnded = true;
    closed.resolve();
    joined.reject(new Error("LiveKit did not let it join"));
  };
  socket.onerror = () => {};
  await joined.promise;
  return {
    get hasEnded() {
      return hasEnded;
    },
    async [Symbol.asyncDispose]() {
      socket.close();
      await closed.promise;
    },
  };
}

async function deployedConfig(port: number, secret: string): Promise<string> {
  const replacements = [
    [/^port: 7880$/m, `port: ${port}`],
    [/^ {2}parley: CHANGE-ME.*$/m, `  parley: ${secret}`],
    [/^ {2}udp_port: 7882$/m, `  udp_port: ${freePort()}`],
    [/^ {2}tcp_port: 7881$/m, `  tcp_port: ${freePort()}`],
    // What loopback needs.
    [
      /^ {2}node_ip: 203\.0\.113\.7$/m,
      "  node_ip: 127.0.0.1\n  enable_loopback_candidate: true\n  interfaces: { includes: [lo] }",
    ],
    [/^ {2}stun_servers: .*$/m, '  stun_servers: ["127.0.0.1:3478"]'],
  ] as const;
  let text = await Deno.readTextFile(DEPLOYED);
  for (const [from, to] of replacements) {
    if (!from.test(text)) throw new Error(`livekit.yaml does not hold ${from}`);
    text = text.replace(from, to);
  }
  return text;
}

async function answers(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/`);
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

async function collect(stream: ReadableStream<Uint8Array<ArrayBuffer>>, into: string[]): Promise<void> {
  for await (const text of stream.pipeThrough(new TextDecoderStream())) into.push(text);
}
