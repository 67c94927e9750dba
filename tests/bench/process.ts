import { TextLineStream } from "./lines.ts";

/** Clock ticks a second of /proc/PID/stat; 100 on every Linux that Deno runs on. */
const TICKS_PER_SECOND = 100;

/** A program under measurement, driven by lines on its standard input and output. */
export interface Target extends AsyncDisposable {
  readonly pid: number;
  /** What it printed as its first line, parsed: at least its port. */
  readonly hello: Record<string, unknown> & { readonly port: number };
  /** Sends one command and waits for its one line of answer. */
  ask(command: Record<string, unknown>): Promise<Record<string, unknown>>;
}

/** Starts a script of this folder as a process of its own. */
export async function startTarget(
  script: string,
  options: { readonly args?: string[] } = {},
): Promise<Target> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--unstable-kv", new URL(script, import.meta.url).pathname, ...options.args ?? []],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream())
    .getReader();
  const writer = child.stdin.getWriter();
  const read = async () => {
    for (;;) {
      const { value, done } = await lines.read();
      if (done) throw new Error(`${script} ended before it answered`);
      // The server under test may log on the same stream; answers are the lines that are JSON objects with a mark.
      if (value.startsWith("@")) return JSON.parse(value.slice(1));
    }
  };
  const hello = await read();
  return {
    pid: child.pid,
    hello,
    async ask(command) {
      await writer.write(new TextEncoder().encode(JSON.stringify(command) + "\n"));
      return await read();
    },
    async [Symbol.asyncDispose]() {
      await writer.close().catch(() => {});
      child.kill("SIGKILL");
      await child.status;
      await lines.cancel();
    },
  };
}

/** Answers commands from standard input until it closes; run by the targets. */
export async function serveCommands(
  hello: Record<string, unknown>,
  handle: (command: Record<string, unknown>) => unknown,
): Promise<void> {
  say(hello);
  const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
  for await (const line of lines) say((await handle(JSON.parse(line)) ?? {}) as Record<string, unknown>);
  Deno.exit(0);
}

function say(answer: Record<string, unknown>): void {
  console.log(`@${JSON.stringify(answer)}`);
}

/** CPU time that a process has used so far, user and system, in microseconds. */
export async function cpuMicros(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  // The name in parentheses may hold spaces; fields 14 and 15 of the whole line are utime and stime.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 1_000_000 / TICKS_PER_SECOND;
}

/** Memory of a process that is in RAM, in KiB. */
export async function rssKib(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
}

/** Waits until a process uses next to no CPU, so that one part of a run does not pay for the last. */
export async function settle(pid: number): Promise<void> {
  let last = await cpuMicros(pid);
  for (let tries = 0; tries < 40; tries++) {
    await delay(250);
    const now = await cpuMicros(pid);
    if (now - last <= 10_000) return;
    last = now;
  }
}

/** Resolves after some milliseconds. */
export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
