import { freePort } from "./free_port.ts";
import { waitFor } from "./wait.ts";

const FOLDERS = ["/usr/bin", "/usr/sbin", "/usr/local/bin"];
const TEST_SETTINGS = [
  "-n",
  "--no-cli",
  "--min-port=50000",
  "--max-port=50999",
  "--no-dtls",
  "--fingerprint",
  "--use-auth-secret",
  "--realm=parley.test",
  "--allow-loopback-peers",
  "--log-file=stdout",
  "--simple-log",
];

export interface CoturnOptions {
  readonly secret: string;
  /** An address of this machine; 127.0.0.1 by default. */
  readonly host?: string;
  readonly port?: number;
  /** False for a relay that answers over TCP only, as behind a firewall that drops datagrams. */
  readonly hasUdp?: boolean;
  /** Files for TLS at `tlsPort`. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
  /** Starts with this file in place of settings for tests; the host, ports and files above are added to it. */
  readonly configFile?: string;
}

/** A TURN server for a test, on free loopback ports. */
export interface Coturn extends AsyncDisposable {
  readonly port: number;
  readonly tlsPort: number;
  readonly pid: number;
  /** SIGSTOP freezes it, SIGCONT resumes it. */
  signal(signal: Deno.Signal): void;
  /** How many addresses it gave, and how many it took back. */
  counts(): { readonly given: number; readonly returned: number };
}

/** Printed before the tests if it is not installed. */
export const COTURN_HINT = "Tests with a TURN server are left out: `apt-get install coturn` brings them in";

/** Whether tests with a TURN server can run; in CI, a missing program is an error. */
export async function hasCoturn(): Promise<boolean> {
  if (await findCoturn() !== null) return true;
  if (Deno.env.get("CI") !== undefined) {
    throw new Error("coturn is not installed, and in CI nothing is skipped");
  }
  return false;
}

/** Starts a server and waits until it listens. */
export async function startCoturn(options: CoturnOptions): Promise<Coturn> {
  const program = await findCoturn();
  if (program === null) throw new Error("coturn is not installed");
  const { secret, host = "127.0.0.1", port = freePort(), hasUdp = true, tls, configFile } = options;
  const tlsPort = freePort();
  const folder = await Deno.makeTempDir({ prefix: "parley-coturn-" });
  const child = new Deno.Command(program, {
    args: [
      ...(configFile === undefined ? TEST_SETTINGS : ["-c", configFile]),
      `--listening-ip=${host}`,
      "--relay-ip=127.0.0.1",
      `--listening-port=${port}`,
      ...(tls === undefined ? ["--no-tls"] : [
        `--tls-listening-port=${tlsPort}`,
        `--cert=${tls.certFile}`,
        `--pkey=${tls.keyFile}`,
      ]),
      ...(hasUdp ? [] : ["--no-udp"]),
      `--static-auth-secret=${secret}`,
      `--userdb=${folder}/users`,
      `--pidfile=${folder}/pid`,
      "--verbose",
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const chunks: string[] = [];
  const reading = collect(child.stdout, chunks);
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
  const count = (pattern: RegExp) => [...chunks.join("").matchAll(pattern)].length;
  try {
    await waitFor(async () => {
      if (hasEnded) throw new Error(`coturn ended:\n${chunks.join("")}`);
      return await canConnect(host, port);
    }, { what: "coturn listens" });
  } catch (error) {
    await end();
    throw error;
  }
  return {
    port,
    tlsPort,
    pid: child.pid,
    signal: (signal) => child.kill(signal),
    counts: () => ({
      given: count(/: new, realm=<[^>]+>, username=<[^>]+>, lifetime=/g),
      returned: count(/: refreshed, realm=<[^>]+>, username=<[^>]+>, lifetime=0/g),
    }),
    [Symbol.asyncDispose]: end,
  };
}

async function findCoturn(): Promise<string | null> {
  for (const folder of [...(Deno.env.get("PATH") ?? "").split(":"), ...FOLDERS]) {
    const path = `${folder}/turnserver`;
    if (await Deno.stat(path).then((info) => info.isFile, () => false)) return path;
  }
  return null;
}

async function canConnect(hostname: string, port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname, port })).close();
    return true;
  } catch {
    return false;
  }
}

async function collect(stream: ReadableStream<Uint8Array<ArrayBuffer>>, into: string[]): Promise<void> {
  for await (const text of stream.pipeThrough(new TextDecoderStream())) into.push(text);
}
