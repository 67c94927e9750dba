import { waitFor } from "./wait.ts";

/** The reverse proxies with a configuration in `server/deploy/`. */
export const PROXIES = ["haproxy", "nginx", "caddy"] as const;
/** One of PROXIES. */
export type ProxyName = typeof PROXIES[number];

/** Where a proxy listens, and the servers behind it. */
export interface ProxySite {
  readonly httpsPort: number;
  readonly httpPort: number;
  readonly instancePorts: readonly [a: number, b: number];
  readonly certificate: Certificate;
}

/** A self-signed certificate for 127.0.0.1, and its files. */
export interface Certificate {
  readonly pem: string;
  readonly certFile: string;
  readonly keyFile: string;
  /** Certificate and key in one file. */
  readonly bothFile: string;
}

type Replacements = readonly (readonly [from: string, to: string])[];

interface Kind {
  readonly file: string;
  /** What must differ in tests: addresses, paths, and users and file limits that tests are not permitted. */
  readonly replacements: (site: ProxySite, folder: string) => Replacements;
  readonly args: (file: string, folder: string) => readonly string[];
  /** HAProxy and Caddy are one process each; nginx must stop its workers before itself. */
  readonly endSignal: "SIGKILL" | "SIGTERM";
}

const FOLDER = new URL("../../server/deploy/", import.meta.url);
const PACKAGES = "haproxy nginx-light caddy openssl";
const FOLDERS = ["/usr/sbin", "/usr/local/sbin"];

const KINDS: Record<ProxyName, Kind> = {
  haproxy: {
    file: "haproxy.cfg",
    replacements: ({ httpPort, httpsPort, certificate }, folder) => [
      ["maxconn 12000", "maxconn 500"],
      ["    user haproxy\n    group haproxy\n", ""],
      ["/run/haproxy/admin.sock", `${folder}/admin.sock`],
      ["bind :::80 v4v6", `bind 127.0.0.1:${httpPort}`],
      ["bind :::443 v4v6", `bind 127.0.0.1:${httpsPort}`],
      ["/etc/parley/tls/haproxy.pem", certificate.bothFile],
    ],
    args: (file) => ["-db", "-f", file],
    endSignal: "SIGKILL",
  },
  nginx: {
    file: "nginx.conf",
    replacements: ({ httpPort, httpsPort, certificate }, folder) => [
      ["/run/nginx.pid", `${folder}/nginx.pid`],
      ["user www-data;\n", ""],
      ["/var/log/nginx/", `${folder}/`],
      ["http {\n", `http {\n${temporaryPaths(folder)}`],
      ["listen 80;", `listen 127.0.0.1:${httpPort};`],
      ["listen [::]:80;", ""],
      ["listen 443 ssl http2;", `listen 127.0.0.1:${httpsPort} ssl http2;`],
      ["listen [::]:443 ssl http2;", ""],
      ["/etc/parley/tls/fullchain.pem", certificate.certFile],
      ["/etc/parley/tls/privkey.pem", certificate.keyFile],
    ],
    args: (file, folder) => ["-e", `${folder}/error.log`, "-g", "daemon off;", "-c", file],
    endSignal: "SIGTERM",
  },
  caddy: {
    file: "Caddyfile",
    replacements: ({ httpPort, httpsPort, certificate }) => [
      ["admin localhost:2019", "admin off"],
      ["http_port 80", `http_port ${httpPort}`],
      ["https_port 443", `https_port ${httpsPort}`],
      ["default_bind 0.0.0.0 [::]", "default_bind 127.0.0.1"],
      ["/etc/parley/tls/fullchain.pem", certificate.certFile],
      ["/etc/parley/tls/privkey.pem", certificate.keyFile],
    ],
    args: (file) => ["run", "--adapter", "caddyfile", "--config", file],
    endSignal: "SIGKILL",
  },
};

/** Printed before the tests if one is not installed. */
export const PROXIES_HINT =
  `Tests of reverse proxies are left out: \`apt-get install ${PACKAGES}\` brings them in`;

/** Whether tests with the proxies can run; in CI, a missing program is an error. */
export async function hasProxies(): Promise<boolean> {
  const programs = await Promise.all([...PROXIES, "openssl"].map(findProgram));
  if (!programs.includes(null)) return true;
  if (Deno.env.get("CI") !== undefined) {
    throw new Error(`One of ${PACKAGES} is not installed, and in CI nothing is skipped`);
  }
  return false;
}

/** Creates a certificate in `folder`. */
export async function makeCertificate(folder: string): Promise<Certificate> {
  const [certFile, keyFile, bothFile] = [`${folder}/cert.pem`, `${folder}/key.pem`, `${folder}/both.pem`];
  const { success, stderr } = await new Deno.Command(await requireProgram("openssl"), {
    args: `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=Parley
      -addext subjectAltName=IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE -out ${certFile} -keyout ${keyFile}`
      .split(/\s+/),
    stdin: "null",
    stdout: "null",
  }).output();
  if (!success) throw new Error(`No certificate: ${new TextDecoder().decode(stderr)}`);
  const pem = await Deno.readTextFile(certFile);
  await Deno.writeTextFile(bothFile, pem + await Deno.readTextFile(keyFile));
  return { pem, certFile, keyFile, bothFile };
}

/** Writes the whole configuration of a proxy, which keeps its files in `folder`. */
export type ProxyConfig = (site: ProxySite, folder: string) => string | Promise<string>;

/** Starts a proxy: by default with its configuration from `server/deploy/`, changing only addresses and paths. */
export async function startProxy(
  name: ProxyName,
  site: ProxySite,
  config: ProxyConfig = (site, folder) => deployedConfig(name, site, folder),
): Promise<AsyncDisposable> {
  const kind = KINDS[name];
  const folder = await Deno.makeTempDir({ prefix: `parley-${name}-` });
  const file = `${folder}/${kind.file}`;
  await Deno.writeTextFile(file, await config(site, folder));
  const child = new Deno.Command(await requireProgram(name), {
    args: [...kind.args(file, folder)],
    env: { XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output: string[] = [];
  let isGone = false;
  const done = Promise.all([
    child.status.then(() => void (isGone = true)),
    collect(child.stdout, output),
    collect(child.stderr, output),
  ]);
  const end = async () => {
    if (!isGone) child.kill(kind.endSignal);
    await done;
    await Deno.remove(folder, { recursive: true });
  };
  try {
    await waitFor(() => {
      if (isGone) throw new Error(`${name} has ended:\n${output.join("")}`);
      return answers(site);
    }, { what: `${name} answers` });
  } catch (error) {
    await end();
    throw error;
  }
  return { [Symbol.asyncDispose]: end };
}

async function deployedConfig(name: ProxyName, site: ProxySite, folder: string): Promise<string> {
  const { file, replacements } = KINDS[name];
  const [a, b] = site.instancePorts;
  const all: Replacements = [
    ...replacements(site, folder),
    ["127.0.0.1:8001", `127.0.0.1:${a}`],
    ["127.0.0.1:8002", `127.0.0.1:${b}`],
    ["https://chat.example.org", `https://127.0.0.1:${site.httpsPort}`],
    ["chat.example.org", "127.0.0.1"],
  ];
  // Comments are dropped, so that only effective lines are replaced.
  let text = (await Deno.readTextFile(new URL(file, FOLDER))).replaceAll(/^\s*#.*\n/gm, "");
  for (const [from, to] of all) {
    if (!text.includes(from)) throw new Error(`${file} does not hold "${from}"`);
    text = text.replaceAll(from, to);
  }
  return text;
}

/** Where nginx may write without being root. */
export function temporaryPaths(folder: string): string {
  return ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${folder}/${name};\n`).join("");
}

async function answers({ httpsPort, certificate }: ProxySite): Promise<boolean> {
  using client = Deno.createHttpClient({ caCerts: [certificate.pem] });
  try {
    const response = await fetch(`https://127.0.0.1:${httpsPort}/readyz`, { client } as RequestInit);
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

async function findProgram(name: string): Promise<string | null> {
  for (const folder of [...(Deno.env.get("PATH") ?? "").split(":"), ...FOLDERS]) {
    const path = `${folder}/${name}`;
    if (await Deno.stat(path).then((info) => info.isFile, () => false)) return path;
  }
  return null;
}

async function requireProgram(name: string): Promise<string> {
  const path = await findProgram(name);
  if (path === null) throw new Error(`${name} is not installed`);
  return path;
}

async function collect(stream: ReadableStream<Uint8Array<ArrayBuffer>>, into: string[]): Promise<void> {
  for await (const text of stream.pipeThrough(new TextDecoderStream())) into.push(text);
}
