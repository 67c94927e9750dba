/** Processes that are stopped, as on a laptop that sleeps. */
export interface Frozen extends Disposable {
  readonly count: number;
}

/** Lists all descendants of this process. */
export async function descendants(): Promise<Set<number>> {
  const parents = new Map<number, number>();
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await Deno.readTextFile(`/proc/${name}/stat`).catch(() => null);
    // The name in parentheses may contain spaces; the parent is the second field after it.
    if (stat !== null) parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
  }
  const found = new Set<number>();
  for (const pid of parents.keys()) {
    for (let at = parents.get(pid); at !== undefined && at > 1; at = parents.get(at)) {
      if (at === Deno.pid) found.add(pid);
    }
  }
  return found;
}

/** Stops processes until it is disposed. */
export function freeze(pids: Iterable<number>): Frozen {
  const frozen = [...pids].filter((pid) => signal(pid, "SIGSTOP"));
  return {
    count: frozen.length,
    [Symbol.dispose]() {
      for (const pid of frozen) signal(pid, "SIGCONT");
    },
  };
}

function signal(pid: number, name: "SIGSTOP" | "SIGCONT"): boolean {
  try {
    Deno.kill(pid, name);
    return true;
  } catch (error) {
    // It has ended in the meantime.
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
