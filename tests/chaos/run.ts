import type { RoomId } from "../../shared/ids.ts";
import type { SeededPerson } from "../support/seed.ts";
import { pause, waitFor } from "../support/wait.ts";
import { check } from "./checker.ts";
import type { Verdict } from "./checker.ts";
import { Cluster } from "./cluster.ts";
import { findFaketime } from "./fake_clock.ts";
import { readFinalState } from "./final_reads.ts";
import { PollingFollower, SubscribedFollower } from "./follower.ts";
import type { Follower } from "./follower.ts";
import { History } from "./history.ts";
import { Nemesis } from "./nemesis.ts";
import { Random } from "./random.ts";
import { summarize } from "./summary.ts";
import { Talker } from "./talker.ts";
import type { Violation } from "./violation.ts";

const ROOMS = ["Loud", "Lively", "Quiet"];
const FOLLOWERS_PER_ROOM = ["ws", "ws", "ws", "sse", "sse", "polls"] as const;
/** How long the last messages may take once everything is whole. */
const END_WITHIN_MS = 60_000;

/** What a run is made of. */
export interface RunOptions {
  readonly seed: number;
  readonly minutes: number;
  readonly talkerCount: number;
  /** Turns a second of all talkers together. */
  readonly turnsPerSecond: number;
  /** Longest stall. */
  readonly stallMaxMs: number;
  /** Where the history goes. */
  readonly path: string;
  readonly say: (line: string) => void;
  /** Ends the run early, in order. */
  readonly signal: AbortSignal;
}

/** Lets people talk over two instances while things break; gives the verdict and a summary. */
export async function runChaos(options: RunOptions): Promise<{ verdict: Verdict; summary: string }> {
  const { seed, minutes, talkerCount, path, say, signal } = options;
  const random = new Random(seed);
  const faketime = await findFaketime();
  const followerCount = ROOMS.length * FOLLOWERS_PER_ROOM.length;
  const names = Array.from({ length: talkerCount + followerCount }, (_, index) => `Person ${index + 1}`);
  say(`seed ${seed}: starting denokv and two instances, history in ${path}`);
  await using cluster = await Cluster.start({ names, rooms: ROOMS }, faketime);
  const { people } = cluster.seeded;
  using history = new History(path);
  const talkers = makeTalkers(people.slice(0, talkerCount), { ...options, cluster, history, random });
  const followers = makeFollowers(people.slice(talkerCount), { cluster, history });
  const nemesis = new Nemesis({
    cluster,
    history,
    random: random.fork("nemesis"),
    stallMaxMs: options.stallMaxMs,
  });
  const late: string[] = [];
  try {
    for (const talker of talkers) talker.start();
    nemesis.start();
    for (
      const endsAt = performance.now() + minutes * 60_000;
      performance.now() < endsAt && !signal.aborted && !nemesis.hasFailed;
    ) {
      await pause(250);
    }
    say("healing");
    await nemesis.stop();
    const stopped = await Promise.all(talkers.map((talker) => talker.stop(END_WITHIN_MS)));
    late.push(...talkers.filter((_, index) => !stopped[index]).map(({ name }) => `${name} waits for ever`));
    late.push(...await waitForFollowers(followers, history));
  } finally {
    await Promise.all(talkers.map((talker) => talker.close()));
    await Promise.all(followers.map((follower) => follower.stop()));
  }
  say("reading what there is at the end");
  const final = await readFinalState(cluster, people);
  for (const instance of cluster.all) await instance.stop();
  const checked = check(history.entries, final);
  const complaints = cluster.all.flatMap((instance) => instance.complaints);
  const verdict = {
    ...checked,
    violations: [
      ...checked.violations,
      ...violationsOf("complaint", complaints),
      ...violationsOf("late", late),
    ],
  };
  const figures = {
    seed,
    minutes,
    killCount: nemesis.killCount,
    faultCounts: nemesis.counts,
    hasFaketime: faketime !== null,
    stopTookMs: cluster.all.flatMap(({ stopTookMs }) => stopTookMs),
  };
  return { verdict, summary: summarize(figures, history.entries, verdict) };
}

function makeTalkers(
  people: readonly SeededPerson[],
  options: RunOptions & { cluster: Cluster; history: History; random: Random },
): Talker[] {
  const { cluster, history, random, turnsPerSecond } = options;
  return people.map((person, index) =>
    new Talker({
      person,
      rooms: cluster.seeded.roomIds,
      doors: cluster.doors,
      address: addressOf(index),
      transport: index % 4 === 3 ? "http" : "ws",
      first: index,
      history,
      random: random.fork(person.name),
      paceMs: 1_000 * people.length / turnsPerSecond,
    })
  );
}

function makeFollowers(
  people: readonly SeededPerson[],
  { cluster, history }: { cluster: Cluster; history: History },
): Follower[] {
  return people.map((person, index) => {
    const kind = FOLLOWERS_PER_ROOM[index % FOLLOWERS_PER_ROOM.length] ?? "ws";
    const roomId = cluster.seeded.roomIds[Math.floor(index / FOLLOWERS_PER_ROOM.length)] as RoomId;
    const address = addressOf(1_000 + index);
    const options = { person, roomId, doors: cluster.doors, address, first: index, history };
    return kind === "polls" ? new PollingFollower(options) : new SubscribedFollower(options, kind);
  });
}

/** Gives who has not seen the last acknowledged message of its room in time. */
async function waitForFollowers(followers: readonly Follower[], history: History): Promise<string[]> {
  const heads = new Map<string, number>();
  const rooms = new Map<number, RoomId>();
  for (const entry of history.entries) {
    if (entry.type === "invoke" && entry.name === "send") rooms.set(entry.op, entry.roomId);
    const roomId = entry.type === "ok" ? rooms.get(entry.op) : undefined;
    if (entry.type !== "ok" || roomId === undefined) continue;
    heads.set(roomId, Math.max(heads.get(roomId) ?? 0, entry.offset ?? 0));
  }
  const isBehind = ({ roomId, offset }: Follower) => offset < (heads.get(roomId) ?? 0);
  await waitFor(() => !followers.some(isBehind), { timeoutMs: END_WITHIN_MS }).catch(() => {});
  return followers.filter(isBehind).map(({ name, offset, roomId }) =>
    `${name} is at ${offset} of ${heads.get(roomId)}`
  );
}

/** One address a person; limits go by it. */
function addressOf(index: number): string {
  return `127.${16 + Deno.pid % 64}.${1 + Math.floor(index / 200)}.${1 + index % 200}`;
}

function violationsOf(kind: Violation["kind"], texts: readonly string[]): Violation[] {
  return texts.map((what) => ({ kind, what, entries: [] }));
}
