import type { World } from "./rows.ts";

/** What an attacker is told. */
export interface AttackOrder {
  /** Origin of the server. */
  readonly url: string;
  readonly address: string;
  readonly session: string;
  readonly path: string;
  readonly type: "query" | "mutation" | "subscription";
  readonly world: World;
  readonly attackMs: number;
}

/** An attacker's process: started ahead of time, so that its start disturbs nobody. */
export class Attack implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  #isOver = false;

  constructor() {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", new URL("./attacker.ts", import.meta.url).pathname],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
  }

  /** Attacks, and gives how many requests were sent once the attacker has gone. */
  async run(order: AttackOrder): Promise<number> {
    const writer = this.#child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(`${JSON.stringify(order)}\n`));
    await writer.close();
    const text = await new Response(this.#child.stdout).text();
    const { success } = await this.#child.status;
    this.#isOver = true;
    if (!success) throw new Error(`The attacker of ${order.path} failed`);
    return Number(JSON.parse(text).requestCount);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isOver) return;
    this.#child.kill("SIGKILL");
    await this.#child.stdin.close().catch(() => {});
    await this.#child.stdout.cancel();
    await this.#child.status;
  }
}
