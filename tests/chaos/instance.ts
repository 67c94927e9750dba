import { freePort } from "../support/free_port.ts";
import { startServerProcess } from "../support/server_process.ts";
import type { ServerProcess } from "../support/server_process.ts";
import { waitFor } from "../support/wait.ts";
import { FakeClock } from "./fake_clock.ts";
import type { InstanceName } from "./history.ts";
import { InstanceProxy } from "./instance_proxy.ts";

const START_TRIES_COUNT = 5;
/** It may take 10 s, and somewhat more on a busy machine. */
const STOP_WITHIN_MS = 15_000;
/** Lines of the log that no fault from outside explains. */
const COMPLAINT_PATTERN = /^\S+Z error |panicked/;

/** What an instance is started with. */
export interface InstanceOptions {
  readonly name: InstanceName;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** Library of libfaketime; null leaves the clock alone. */
  readonly faketime: string | null;
}

/** One server process behind a proxy, which starts again and again on the same port. */
export class Instance {
  readonly name: InstanceName;
  readonly port: number;
  readonly proxy: InstanceProxy;
  readonly clock: FakeClock | null;
  /** What it did that nobody asked for. */
  readonly complaints: string[] = [];
  /** How long each stop took. */
  readonly stopTookMs: number[] = [];
  readonly #options: InstanceOptions;
  #process: ServerProcess | null = null;
  #isFrozen = false;

  private constructor(options: InstanceOptions, parts: { proxy: InstanceProxy; clock: FakeClock | null }) {
    this.#options = options;
    this.name = options.name;
    this.proxy = parts.proxy;
    this.clock = parts.clock;
    this.port = parts.proxy.targetPort;
  }

  /** Starts proxy and process. */
  static async start(options: InstanceOptions): Promise<Instance> {
    const { name, folder, faketime } = options;
    const clock = faketime === null ? null : await FakeClock.create(faketime, `${folder}/clock_${name}`);
    const instance = new Instance(options, { proxy: await InstanceProxy.open(freePort()), clock });
    await instance.start();
    return instance;
  }

  /** Starts the process; tries again when storage is away for so long that it gives up. */
  async start(): Promise<void> {
    const { folder, name, env } = this.#options;
    for (let count = 1;; count++) {
      try {
        const process = await startServerProcess({
          dataDir: folder,
          port: this.port,
          env: { ...env, ...this.clock?.env, INSTANCE_ID: name, LOG_LEVEL: "warn" },
        });
        this.#process = process;
        process.ended.then((code) => {
          if (this.#process !== process) return;
          this.#process = null;
          this.complaints.push(`${name} ended by itself with code ${code}`, process.output().slice(-2_000));
        });
        return;
      } catch (error) {
        if (count === START_TRIES_COUNT) throw error;
      }
    }
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    const process = this.#take();
    // A stopped process takes no other signal, but this one it does.
    this.#isFrozen = false;
    await process?.kill();
  }

  /** SIGTERM, and waits for the end; it must be a clean one. */
  async stop(): Promise<void> {
    const process = this.#take();
    if (process === null) return;
    const startedAt = performance.now();
    const timer = setTimeout(() => {
      this.complaints.push(`${this.name} did not end within ${STOP_WITHIN_MS} ms of SIGTERM`);
      void process.kill();
    }, STOP_WITHIN_MS);
    const code = await process.stop();
    clearTimeout(timer);
    this.stopTookMs.push(Math.round(performance.now() - startedAt));
    if (code !== 0) {
      this.complaints.push(`${this.name} ended with ${code} after SIGTERM`, process.output().slice(-2_000));
    }
  }

  /** SIGSTOP. */
  freeze(): void {
    if (this.#process === null) return;
    Deno.kill(this.#process.pid, "SIGSTOP");
    this.#isFrozen = true;
  }

  /** SIGCONT. */
  thaw(): void {
    if (this.#process !== null && this.#isFrozen) Deno.kill(this.#process.pid, "SIGCONT");
    this.#isFrozen = false;
  }

  /** Waits until it answers that it is ready. */
  async ready(): Promise<void> {
    if (this.#process === null) await this.start();
    await waitFor(async () => {
      const signal = AbortSignal.timeout(2_000);
      const response = await fetch(`http://127.0.0.1:${this.port}/readyz`, { signal }).catch(() => null);
      await response?.body?.cancel();
      return response?.ok ?? false;
    }, { timeoutMs: 60_000, what: `${this.name} is ready` });
  }

  /** Ends everything, whatever state it is in. */
  async close(): Promise<void> {
    this.thaw();
    await this.kill();
    await this.proxy.close();
  }

  /** Forgets the process, so that its end is nobody's surprise, and keeps what it complained of. */
  #take(): ServerProcess | null {
    const process = this.#process;
    this.#process = null;
    if (process !== null) {
      const lines = process.output().split("\n").filter((line) => COMPLAINT_PATTERN.test(line));
      this.complaints.push(...lines.map((line) => `${this.name}: ${line}`));
    }
    return process;
  }
}
