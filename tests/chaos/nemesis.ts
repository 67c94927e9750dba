import { pause } from "../support/wait.ts";
import type { Cluster } from "./cluster.ts";
import type { History, InstanceName } from "./history.ts";
import type { Instance } from "./instance.ts";
import type { Random } from "./random.ts";

/** Kinds of faults, each with how often it stands in one deck. */
const DECK = {
  kill: 4,
  kill_kv: 3,
  kill_both: 1,
  kill_all: 1,
  stall: 3,
  stall_kv: 3,
  restart: 2,
  restart_while_stalled: 1,
  kill_while_stalled: 1,
  clock: 3,
  cut: 2,
  mute: 1,
  hold: 2,
  refuse: 1,
} as const;

type FaultKind = keyof typeof DECK;

const HOUR_SECONDS = 3_600;
const STALL_MAX_MS = 12_000;
/** After this many faults everything is left alone for a while, so that what should go on can be seen to. */
const CALM_EVERY_COUNT = 8;
const CALM_MS = 16_000;

/** What the nemesis works with. */
export interface NemesisOptions {
  readonly cluster: Cluster;
  readonly history: History;
  readonly random: Random;
  /** Longest break of anything; the shorter, the more faults fit into a run. */
  readonly stallMaxMs?: number;
  readonly isCalmingDown?: boolean;
}

/** Breaks one thing after the other, and mends each. */
export class Nemesis {
  /** How often each kind came. */
  readonly counts = new Map<string, number>();
  /** Processes that were killed with SIGKILL. */
  killCount = 0;
  /** True when something could not be mended. */
  hasFailed = false;
  readonly #options: NemesisOptions;
  readonly #stallMaxMs: number;
  #deck: FaultKind[] = ["kill", "kill_kv", "kill"];
  #isStopping = false;
  #done: Promise<void> = Promise.resolve();

  constructor(options: NemesisOptions) {
    this.#options = options;
    this.#stallMaxMs = options.stallMaxMs ?? STALL_MAX_MS;
  }

  start(): void {
    this.#done = this.#run();
    // Thrown by `stop`; until then it must not end the process, which has others to end.
    this.#done.catch(() => this.hasFailed = true);
  }

  /** Mends what is broken, clocks too, and resolves when all answer. */
  async stop(): Promise<void> {
    const { cluster, history } = this.#options;
    this.#isStopping = true;
    await this.#done;
    history.record({ type: "fault", fault: "healing", phase: "begin" });
    for (const instance of cluster.all) {
      instance.proxy.set("pass");
      instance.thaw();
      await instance.clock?.set(0);
    }
    for (const instance of cluster.all) await instance.ready();
    history.record({ type: "fault", fault: "healing", phase: "end" });
  }

  async #run(): Promise<void> {
    const { random, history, isCalmingDown = true } = this.#options;
    for (let count = 1; !this.#isStopping; count++) {
      await this.#wait(
        isCalmingDown && count % CALM_EVERY_COUNT === 0 ? CALM_MS : random.between(700, 4_000),
      );
      if (this.#isStopping) return;
      const kind = this.#draw();
      const target = random.pick(["a", "b"] as const);
      const fault = kind.endsWith("_kv") || kind === "kill_both" || kind === "kill_all"
        ? kind
        : `${kind} ${target}`;
      this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
      history.record({ type: "fault", fault, phase: "begin" });
      await this.#break(kind, target);
      history.record({ type: "fault", fault, phase: "end" });
    }
  }

  #draw(): FaultKind {
    const { random, cluster } = this.#options;
    if (this.#deck.length === 0) {
      const kinds = Object.entries(DECK) as [FaultKind, number][];
      const cards = kinds.filter(([kind]) => kind !== "clock" || cluster.instances.a.clock !== null);
      this.#deck = random.shuffled(cards.flatMap(([kind, count]) => Array<FaultKind>(count).fill(kind)));
    }
    return this.#deck.pop() as FaultKind;
  }

  async #break(kind: FaultKind, target: InstanceName): Promise<void> {
    const { cluster, random } = this.#options;
    const instance = cluster.instances[target];
    const { proxy } = instance;
    const stallMs = random.between(500, this.#stallMaxMs);
    const downMs = random.between(100, 3_000);
    switch (kind) {
      case "kill":
        return await this.#killed(downMs, [instance], false);
      case "kill_kv":
        return await this.#killed(downMs, [], true);
      case "kill_both":
        return await this.#killed(downMs, cluster.all, false);
      case "kill_all":
        return await this.#killed(downMs, cluster.all, true);
      case "stall":
        instance.freeze();
        await this.#wait(stallMs);
        return instance.thaw();
      case "stall_kv":
        cluster.kv.signal("SIGSTOP");
        await this.#wait(stallMs);
        return cluster.kv.signal("SIGCONT");
      case "restart":
        await instance.stop();
        return await instance.start();
      case "restart_while_stalled":
      case "kill_while_stalled":
        return await this.#endWhileStalled(kind === "kill_while_stalled", instance, stallMs);
      case "clock":
        // Both may be wrong, and differently; the last word has `stop`.
        return await instance.clock?.set(random.pick([HOUR_SECONDS, -HOUR_SECONDS, 0, 90, -90]));
      case "cut":
        return proxy.cut();
      case "refuse":
      case "mute":
      case "hold":
        proxy.set(kind);
        await this.#wait(Math.min(stallMs, 8_000));
        return proxy.set("pass");
    }
  }

  /** Storage is frozen when the instance has to end, and for a while after. */
  async #endWhileStalled(isKill: boolean, instance: Instance, stallMs: number): Promise<void> {
    const { kv } = this.#options.cluster;
    kv.signal("SIGSTOP");
    if (isKill) this.killCount++;
    const ending = isKill ? instance.kill() : instance.stop();
    await this.#wait(stallMs);
    kv.signal("SIGCONT");
    await ending;
    await instance.start();
  }

  async #killed(
    downMs: number,
    instances: Cluster["all"],
    isKvToo: boolean,
  ): Promise<void> {
    const { kv } = this.#options.cluster;
    this.killCount += instances.length + (isKvToo ? 1 : 0);
    await Promise.all([...instances.map((instance) => instance.kill()), ...isKvToo ? [kv.kill()] : []]);
    await this.#wait(downMs);
    await Promise.all([
      ...instances.map((instance) => instance.start()),
      ...isKvToo ? [kv.restart()] : [],
    ]);
  }

  /** Ends early when the run ends. */
  async #wait(ms: number): Promise<void> {
    for (const endsAt = performance.now() + ms; performance.now() < endsAt && !this.#isStopping;) {
      await pause(Math.min(100, endsAt - performance.now()));
    }
  }
}
