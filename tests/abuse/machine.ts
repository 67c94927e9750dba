import { cpuMicros } from "../bench/process.ts";

/** Clock ticks per second in /proc; 100 on every Linux that Deno runs on. */
const TICKS_PER_SECOND = 100;

/** Measures how much of the machine was used by programs that have no part in a measurement. */
export class Machine {
  readonly #at = performance.now();
  readonly #othersMicros: number;

  private constructor(othersMicros: number) {
    this.#othersMicros = othersMicros;
  }

  /** Starts. Ours are this process, its finished children, and these processes. */
  static async look(pids: readonly number[]): Promise<Machine> {
    return new Machine(await othersMicros(pids));
  }

  /** Returns the share of all cores that others have used since. Our processes that have ended count as children. */
  async othersShare(pids: readonly number[]): Promise<number> {
    const elapsedMicros = (performance.now() - this.#at) * 1_000 * navigator.hardwareConcurrency;
    return (await othersMicros(pids) - this.#othersMicros) / elapsedMicros;
  }
}

async function othersMicros(pids: readonly number[]): Promise<number> {
  const [busy, own, ...rest] = await Promise.all([
    busyMicros(),
    ownMicros(),
    ...pids.map((pid) => cpuMicros(pid)),
  ]);
  return rest.reduce((left, micros) => left - micros, busy - own);
}

/** Time of all cores that was not idle. */
async function busyMicros(): Promise<number> {
  const [line = ""] = (await Deno.readTextFile("/proc/stat")).split("\n", 1);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0, steal = 0] = line.split(/\s+/).slice(1)
    .map(Number);
  return toMicros(user + nice + system + irq + softIrq + steal);
}

/** Time of this process and of all its finished children. */
async function ownMicros(): Promise<number> {
  const stat = await Deno.readTextFile("/proc/self/stat");
  const [user = 0, system = 0, childUser = 0, childSystem = 0] = stat.slice(stat.lastIndexOf(")") + 2).split(
    " ",
  )
    .slice(11, 15).map(Number);
  return toMicros(user + system + childUser + childSystem);
}

function toMicros(ticks: number): number {
  return ticks / TICKS_PER_SECOND * 1_000_000;
}
