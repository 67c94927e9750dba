/**
 * `deno task abuse`: for every procedure and every public route, and for many HTTP batches at a time, one attacker
 * does its worst for a second and a half while others chat. Exits with 1 if they notice, or if the server keeps
 * memory or work of it. A row that fails is repeated once, because other programs can disturb a run. `deno task abuse
 * NAME …` runs only these attacks, `--part=2/3` every third one, beginning with the second.
 */
import { appRouter } from "../../server/router.ts";
import { cpuMicros, delay, rssKib } from "../bench/process.ts";
import { median, percentile, printTable } from "../bench/stats.ts";
import { startServerProcess } from "../support/server_process.ts";
import type { ServerProcess } from "../support/server_process.ts";
import { Attacks } from "./attack.ts";
import { Machine } from "./machine.ts";
import { ATTACK_ROWS } from "./rows.ts";
import { Talk } from "./talk.ts";
import { makeScene } from "./world.ts";
import type { Attacker } from "./world.ts";

const ATTACK_MS = 1_500;
/** A hundred sends of others for each attack. */
const PER_SECOND = 50;
const ALONE_MS = 5_000;
/** The delay others may notice: this, or three times the delay without an attacker. */
const P95_MAX_MS = 100;
const P95_MAX_RATIO = 3;
const P99_MAX_MS = 500;
const MEMORY_MAX_MIB = 128;
const MEMORY_BACK_WITHIN_MS = 30_000;
const MEMORY_EVERY_MS = 100;
/** When the process must be idle after the attacker has left, and how much of one core still counts as idle. */
const IDLE_AFTER_MS = 1_000;
const IDLE_LOOK_MS = 500;
const IDLE_MAX_SHARE = 0.15;

interface Outcome {
  readonly name: string;
  readonly requestCount: number;
  readonly p95: number;
  readonly p99: number;
  readonly grownMib: number;
  readonly idleShare: number;
  /** The share of the machine that unrelated programs used. */
  readonly othersShare: number;
  readonly complaints: readonly string[];
}

type ProcedureType = "query" | "mutation" | "subscription";
const procedures = appRouter._def.procedures as unknown as Record<string, { _def: { type: ProcedureType } }>;

/** Runs the attack and returns the results. */
async function main(): Promise<number> {
  const names = wantedNames(Deno.args);
  const unknown = names.filter((name) => ATTACK_ROWS[name] === undefined);
  if (unknown.length > 0) {
    console.error(`There is no attack ${unknown.join(", ")}`);
    return 2;
  }
  const folder = await Deno.makeTempDir({ prefix: "parley-abuse-" });
  try {
    const scene = await makeScene(folder, [...names, ...names]);
    await using server = await startServerProcess({ dataDir: folder, env: { LOG_LEVEL: "error" } });
    using talk = await Talk.open(server.url, scene.honest);
    // The first sends are slower, because some things are created once.
    await talk.run({ ms: 1_000, perSecond: PER_SECOND });
    const alone = await talk.run({ ms: ALONE_MS, perSecond: PER_SECOND });
    const aloneP95 = percentile(alone.ackMs, 95);
    console.log(
      `Others alone: p50 ${median(alone.ackMs).toFixed(1)}, p95 ${aloneP95.toFixed(1)}, ` +
        `p99 ${percentile(alone.ackMs, 99).toFixed(1)} ms`,
    );
    const before = await rssKib(server.pid);
    const outcomes: Outcome[] = [];
    await using attacks = new Attacks();
    const take = (index: number) =>
      suffer({ server, talk, attacks, attacker: scene.attackers[index], index, aloneP95 });
    for (const index of names.keys()) {
      const outcome = await take(index);
      // A real problem appears twice, unlike interference by another program. The second attacker has used up no
      // limits.
      outcomes.push(outcome.complaints.length > 0 ? await take(names.length + index) : outcome);
    }
    // Small leaks of each row would add up.
    const isWhole = await isBack(server.pid, before);
    if (!isWhole) console.log("BREACH all together: memory did not come back within 30 s");
    return isWhole ? report(outcomes) : Math.max(1, report(outcomes));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The attacks that arguments ask for: all, some by name, or a part of all. */
function wantedNames(args: readonly string[]): readonly string[] {
  const all = Object.keys(ATTACK_ROWS);
  const [, part, of] = /^--part=(\d+)\/(\d+)$/.exec(args[0] ?? "") ?? [];
  if (part === undefined) return args.length > 0 ? args : all;
  return all.filter((_, index) => index % Number(of) === Number(part) - 1);
}

interface SufferOptions {
  readonly server: ServerProcess;
  readonly talk: Talk;
  readonly attacks: Attacks;
  readonly attacker: Attacker | undefined;
  readonly index: number;
  readonly aloneP95: number;
}

async function suffer({ server, talk, attacks, attacker, index, aloneP95 }: SufferOptions): Promise<Outcome> {
  if (attacker === undefined) throw new RangeError(`There is no attacker ${index}`);
  const { name, session, world } = attacker;
  const row = ATTACK_ROWS[name];
  const path = row !== undefined && "path" in row ? row.path ?? name : name;
  await using attack = await attacks.take();
  const before = await rssKib(server.pid);
  let highest = before;
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      highest = Math.max(highest, await rssKib(server.pid));
      await delay(MEMORY_EVERY_MS);
    }
  })();
  const machine = await Machine.look([server.pid, attack.pid]);
  let leftAt = 0;
  const [requestCount, sends] = await Promise.all([
    attack.run({
      url: server.url,
      address: `127.5.${1 + (index >> 7)}.${1 + (index & 127)}`,
      session,
      name,
      path,
      type: procedures[path]?._def.type ?? "query",
      world,
      attackMs: ATTACK_MS,
    }).finally(() => leftAt = performance.now()),
    talk.run({ ms: ATTACK_MS + 500, perSecond: PER_SECOND }),
  ]);
  const othersShare = await machine.othersShare([server.pid]);
  attacks.prepare();
  await delay(Math.max(0, leftAt + IDLE_AFTER_MS - performance.now()));
  const cpuBefore = await cpuMicros(server.pid);
  await delay(IDLE_LOOK_MS);
  const idleShare = (await cpuMicros(server.pid) - cpuBefore) / 1_000 / IDLE_LOOK_MS;
  isOver = true;
  await watching;
  const p95 = percentile(sends.ackMs, 95);
  const p99 = percentile(sends.ackMs, 99);
  const p95Max = Math.max(P95_MAX_MS, P95_MAX_RATIO * aloneP95);
  const grownMib = (highest - before) / 1_024;
  const complaints = [
    ...(requestCount > 0 ? [] : ["the attacker asked for nothing"]),
    ...(p95 > p95Max ? [`p95 of others ${p95.toFixed(0)} ms, at most ${p95Max.toFixed(0)}`] : []),
    ...(p99 > P99_MAX_MS ? [`p99 of others ${p99.toFixed(0)} ms, at most ${P99_MAX_MS}`] : []),
    ...(sends.refusals.length > 0 ? [`${sends.refusals.length} sends refused: ${sends.refusals[0]}`] : []),
    ...(grownMib > MEMORY_MAX_MIB ? [`memory grew by ${grownMib.toFixed(0)} MiB`] : []),
    ...(idleShare > IDLE_MAX_SHARE ? [`still ${(100 * idleShare).toFixed(0)} % of a core after 1 s`] : []),
    ...(await isBack(server.pid, before) ? [] : [`memory did not come back within 30 s`]),
  ];
  const others = `, while other programs took ${(100 * othersShare).toFixed(0)} % of the machine`;
  for (const complaint of complaints) console.log(`  ${name}: ${complaint}${others}`);
  return { name, requestCount, p95, p99, grownMib, idleShare, othersShare, complaints };
}

/** Waits until memory is back to where it was, within limits; false if that takes too long. */
async function isBack(pid: number, beforeKib: number): Promise<boolean> {
  for (const until = performance.now() + MEMORY_BACK_WITHIN_MS; performance.now() < until;) {
    if (await rssKib(pid) - beforeKib <= MEMORY_MAX_MIB * 1_024) return true;
    await delay(MEMORY_EVERY_MS);
  }
  return false;
}

function report(outcomes: readonly Outcome[]): number {
  printTable(`Others' sends while one attacker does its worst for ${ATTACK_MS / 1_000} s`, [
    ["attack", "requests", "p95 ms", "p99 ms", "+ MiB", "CPU after 1 s", "other programs"],
    ...outcomes.map(({ name, requestCount, p95, p99, grownMib, idleShare, othersShare }) => [
      name,
      String(requestCount),
      p95.toFixed(0),
      p99.toFixed(0),
      grownMib.toFixed(0),
      `${(100 * idleShare).toFixed(0)} %`,
      `${(100 * othersShare).toFixed(0)} %`,
    ]),
  ]);
  const bad = outcomes.filter(({ complaints }) => complaints.length > 0);
  for (const { name, complaints } of bad) {
    for (const what of complaints) console.log(`BREACH ${name}: ${what}`);
  }
  console.log(`${outcomes.length - bad.length} passed, ${bad.length} failed`);
  return bad.length === 0 ? 0 : 1;
}

Deno.exit(await main());
