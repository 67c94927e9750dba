import { TextLineStream } from "../bench/lines.ts";
import type { World } from "./rows.ts";

/** The instructions for an attacker. */
export interface AttackOrder {
  /** Origin of the server. */
  readonly url: string;
  readonly address: string;
  readonly session: string;
  /** The name of its row. */
  readonly name: string;
  readonly path: string;
  readonly type: "query" | "mutation" | "subscription";
  readonly world: World;
  readonly attackMs: number;
}

/** Printed by an attacker that waits for its instructions. */
export const READY = "ready";

/** An attacker's process, started ahead of time so that its start disturbs nobody. */
export class Attack implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  #isOver = false;

  private constructor() {
    const script = new URL("./attacker.ts", import.meta.url).pathname;
    // It represents another machine, so it only uses processor time that the server and the others leave.
    this.#child = new Deno.Command("nice", {
      args: ["-n", "19", Deno.execPath(), "run", "-A", "--no-check", script],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#lines = this.#child.stdout
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(new TextLineStream())
      .getReader();
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Resolves when it waits for its instructions. */
  static async start(): Promise<Attack> {
    const attack = new Attack();
    if (await attack.#nextLine() !== READY) throw new Error("An attacker did not start");
    return attack;
  }

  /** Attacks, and returns how many requests were sent once the attacker has left. */
  async run(order: AttackOrder): Promise<number> {
    const writer = this.#child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(`${JSON.stringify(order)}\n`));
    await writer.close();
    const report = await this.#nextLine();
    const { success } = await this.#child.status;
    this.#isOver = true;
    if (!success || report === undefined) throw new Error(`The attacker of ${order.name} failed`);
    return Number(JSON.parse(report).requestCount);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isOver) return;
    this.#child.kill("SIGKILL");
    await this.#child.stdin.close().catch(() => {});
    await this.#lines.cancel();
    await this.#child.status;
  }

  async #nextLine(): Promise<string | undefined> {
    return (await this.#lines.read()).value;
  }
}

/** Attackers one after the other, the next of whom starts while the server is only looked at. */
export class Attacks implements AsyncDisposable {
  #next: Promise<Attack> | null = null;

  /** Starts the process of the next one. */
  prepare(): void {
    this.#next ??= Attack.start();
  }

  /** Gives the next one, which the caller ends. */
  take(): Promise<Attack> {
    const next = this.#next ?? Attack.start();
    this.#next = null;
    return next;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const left = await this.#next;
    await left?.[Symbol.asyncDispose]();
  }
}
