// Runs with the server's permissions in its place, and reports the outcome of each thing that it must not be able
// to do. It imports nothing but Node's files, so that only the flags are tested.

import { statfs } from "node:fs/promises";

const [ownPort = 0, dataDir = ""] = [Number(Deno.env.get("PORT")), Deno.env.get("DATA_DIR")];

/** What is tried, by its name in the test. */
const ATTEMPTS: Record<string, () => unknown> = {
  "reach the address of cloud metadata": () => fetch("http://169.254.169.254/latest/meta-data/"),
  "reach another port of this machine": () => Deno.connect({ hostname: "127.0.0.1", port: 22 }),
  "reach this machine by its name": () => fetch(`http://localhost:${ownPort}/`),
  "reach a private network": () => Deno.connect({ hostname: "10.0.0.1", port: 443 }),
  "reach the internet": () => fetch("https://example.com/"),
  "reach this machine by no address": () => Deno.connect({ hostname: "0.0.0.0", port: ownPort }),
  "send to another port of this machine": async () => {
    const socket = Deno.listenDatagram({ transport: "udp", hostname: "0.0.0.0", port: 0 });
    await socket.send(new Uint8Array(1), { transport: "udp", hostname: "127.0.0.1", port: 53 });
  },
  "reach a socket in the file system": () => Deno.connect({ transport: "unix", path: "/run/docker.sock" }),
  "listen on another port": () => Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  "listen for datagrams at a known port": () =>
    Deno.listenDatagram({ transport: "udp", hostname: "0.0.0.0", port: 5353 }),
  "listen on every address": () => Deno.listen({ hostname: "0.0.0.0", port: ownPort }),
  "look up a name": () => Deno.resolveDns("example.com", "A"),
  "load code from elsewhere": () => import(["https:", "", "example.com", "a.js"].join("/")),
  "read /etc": () => Deno.readTextFile("/etc/passwd"),
  "list the home folder": () => [...Deno.readDirSync("/root")],
  "read its own sources as files": () => Deno.readTextFile("server/main.ts"),
  "read what lies beside its data": () => Deno.readTextFile(`${dataDir}/../other.txt`),
  "write its pages": () => Deno.writeTextFile("static/built/index.html", ""),
  "write its sources": () => Deno.writeTextFile("server/main.ts", ""),
  "write a temporary file": () => Deno.makeTempFile(),
  "point a link out of its data": () => Deno.symlink("/etc/passwd", `${dataDir}/passwd`),
  "run a program": () => new Deno.Command("/bin/true").output(),
  "end another process": () => Deno.kill(1, "SIGTERM"),
  "load a library": () => Deno.dlopen("/lib/x86_64-linux-gnu/libc.so.6", {}),
  "read the variable HOME": () => Deno.env.get("HOME"),
  "read all variables": () => Deno.env.toObject(),
  "learn how full another disk is": () => statfs("/etc"),
  "learn the name of the machine": () => Deno.hostname(),
};

/** What the server needs, which must keep working. */
const NEEDS: Record<string, () => unknown> = {
  "listen on its port": () => Deno.listen({ hostname: "127.0.0.1", port: ownPort }).close(),
  "look for its pages": () => exists("static/built"),
  "write its data": () => Deno.writeTextFile(`${dataDir}/a.txt`, "a"),
  "learn how full the disk is": () => statfs(dataDir),
  "read its configuration": () => Deno.env.get("PUBLIC_URL"),
};

/** Whether a file exists, which requires permission to read it. */
async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function outcomeOf(attempt: () => unknown): Promise<string> {
  try {
    await attempt();
    return "done";
  } catch (error) {
    const text = String(error);
    // Code that is not in the cache is refused before any permission is checked.
    return /NotCapable|--cached-only is specified/.test(text) ? "refused" : text;
  }
}

const outcomes: Record<string, string> = {};
for (const [what, attempt] of Object.entries({ ...ATTEMPTS, ...NEEDS })) {
  outcomes[what] = await outcomeOf(attempt);
}
// deno-lint-ignore no-console -- the answer to the test that runs this
console.log(JSON.stringify({ outcomes, needs: Object.keys(NEEDS) }));
