import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StatusId } from "../../../shared/ids.ts";
import { parsePosition } from "../../../shared/position.ts";
import { applyChange } from "../../../shared/status/apply_change.ts";
import type { StatusEvent } from "../../../shared/status/apply_change.ts";
import { PROBE_INTERVAL_MS, PROBE_VALID_MS } from "../../../shared/status/probe_track.ts";
import type { Status } from "../../../shared/status/status.ts";
import { EN } from "../../../shared/status/words_en.ts";
import type { Answer } from "../../../server/status/answer.ts";
import { StatusAnswers } from "../../../server/status/status_answers.ts";
import { testApp } from "../../support/test_app.ts";
import { StatusKit } from "../../support/status_kit.ts";
import { StatusReader } from "../../support/status_reader.ts";
import { GREEN_PLACES_COUNT, greenPlaces, look } from "../../support/visitor.ts";
import type { Look } from "../../support/visitor.ts";
import { ScriptedMonitor } from "./monitor_kit.ts";

const IDS = ["messages", "live", "events", "storage", "calls"] as const;

/** A page or an app that follows the events and comes back where it was. */
class Follower {
  status: Status | null = null;
  #lastId = "";
  #aborter: AbortController | null = null;
  #done: Promise<void> = Promise.resolve();

  connect(kit: StatusKit): void {
    this.#aborter = new AbortController();
    const { signal } = this.#aborter;
    this.#done = this.#read(kit, signal);
  }

  async disconnect(): Promise<void> {
    this.#aborter?.abort();
    await this.#done;
  }

  async #read(kit: StatusKit, signal: AbortSignal): Promise<void> {
    const { publicFeed } = kit.status;
    const after = parsePosition(this.#lastId);
    for await (const item of publicFeed.follow({ after, connection: null, signal })) {
      // What is stored nowhere comes without an id.
      const [id, event] = Array.isArray(item) ? item : ["", item];
      if (id !== "") this.#lastId = id;
      this.status = applyChange(this.status, event as StatusEvent, EN);
    }
  }
}

type Step =
  | { readonly type: "fail" | "mend"; readonly id: typeof IDS[number] }
  | { readonly type: "round" | "silence" | "storage" | "incident" | "restart" };

const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constant<Step>({ type: "round" }) },
    {
      weight: 3,
      arbitrary: fc.record({ type: fc.constantFrom("fail", "mend"), id: fc.constantFrom(...IDS) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ type: fc.constantFrom("silence", "storage", "incident", "restart") }),
    },
  ),
  { maxLength: 30 },
) as fc.Arbitrary<Step[]>;

/** The world as it truly is, to compare with what a visitor is told. */
class World {
  readonly follower = new Follower();
  greenCount = 0;
  readonly #kit: StatusKit;
  #monitor: ScriptedMonitor;
  /** Results of this process, the newest last. */
  readonly #results = new Map<string, boolean[]>();
  #measuredAt = -Infinity;
  #incident: StatusId | null = null;

  constructor(kit: StatusKit) {
    this.#kit = kit;
    this.#monitor = new ScriptedMonitor(kit);
  }

  async start(): Promise<void> {
    await this.#monitor.monitor.start();
    this.follower.connect(this.#kit);
  }

  async take(step: Step): Promise<void> {
    const { db, clock, status, ana } = this.#kit;
    const { failing } = this.#monitor;
    switch (step.type) {
      case "fail":
        failing.add(step.id);
        break;
      case "mend":
        if (step.id !== "storage" || !db.isGone) failing.delete(step.id);
        break;
      case "storage":
        db.isGone = !db.isGone;
        if (db.isGone) failing.add("storage");
        else failing.delete("storage");
        break;
      case "round":
        await this.#monitor.rounds(1);
        for (const id of IDS) this.#results.set(id, [...this.#results.get(id) ?? [], !failing.has(id)]);
        this.#measuredAt = clock.now;
        break;
      case "silence":
        this.#monitor.pass(PROBE_INTERVAL_MS + 1_000);
        break;
      case "incident":
        if (db.isGone) break;
        if (this.#incident === null) {
          this.#incident = await status.incidents.open(
            { title: "Trouble", text: "We look.", components: [] },
            ana,
          );
        } else {
          await status.incidents.update({ id: this.#incident, state: "resolved", text: "Done." }, ana);
          this.#incident = null;
        }
        break;
      case "restart":
        if (db.isGone) break;
        await this.follower.disconnect();
        await this.#kit.stop();
        await this.#kit.start();
        this.#results.clear();
        this.#monitor = new ScriptedMonitor(this.#kit);
        for (const id of failing) this.#monitor.failing.add(id);
        await this.start();
    }
    // Readers hear at least this often.
    await this.#monitor.monitor.beat();
    await new Promise((resolve) => setTimeout(resolve));
  }

  /** Whether there is any reason to believe that all is well. */
  get mayBeGreen(): boolean {
    const isFresh = this.#kit.clock.now - this.#measuredAt <= PROBE_VALID_MS;
    const isGood = IDS.every((id) => {
      const [before, last] = this.#results.get(id)?.slice(-2) ?? [];
      return last !== undefined && before !== undefined && (before || last);
    });
    return isFresh && isGood && this.#incident === null;
  }

  check(history: readonly Step[]): void {
    const { status, clock } = this.#kit;
    const answers = new StatusAnswers({
      ...status,
      publicUrl: () => "https://chat.example.org",
      scriptPath: () => null,
      mirrorUrl: null,
      now: () => clock.now,
    });
    const read = (answer: Answer | null) => new TextDecoder().decode(answer?.body);
    const seen: Look = {
      page: read(answers.page("en")),
      badge: read(answers.badge(null)),
      summary: read(answers.json("summary.json")),
      text: read(answers.text()),
      markdown: read(answers.markdown()),
    };
    const places = greenPlaces(seen);
    if (this.follower.status?.state === "operational") places.push("events");
    if (!this.mayBeGreen) expect(places, JSON.stringify(history)).toEqual([]);
    else if (places.length > 0) this.greenCount++;
  }

  async end(): Promise<void> {
    this.#kit.db.isGone = false;
    await this.follower.disconnect();
  }
}

describe("a visitor", () => {
  it("is never told green without a reason, whatever fails, comes back and restarts", async () => {
    let greenCount = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        await using kit = await StatusKit.open();
        const world = new World(kit);
        await world.start();
        for (let count = 0; count < 3; count++) await world.take({ type: "round" });
        world.check([]);
        for (const [index, step] of all.entries()) {
          await world.take(step);
          world.check(all.slice(0, index + 1));
        }
        greenCount += world.greenCount;
        await world.end();
      }),
      { numRuns: 20, endOnFailure: true },
    );
    // It is told green with one.
    expect(greenCount).toBeGreaterThan(20);
  }, 120_000);

  it("who comes back after a restart does not believe what was before it", async () => {
    const clock = { now: Date.now() };
    await using app = await testApp({ file: true, now: () => clock.now });
    const round = async () => {
      clock.now += PROBE_INTERVAL_MS;
      await app.server.monitor.tick();
    };
    for (let count = 0; count < 3; count++) await round();
    await using before = await StatusReader.open(app.url);
    await expect.poll(() => before.names).toEqual(["snapshot"]);
    expect(JSON.parse(before.events[0]?.data ?? "").state).toBe("operational");
    expect(greenPlaces(await look(app.url)).length).toBe(GREEN_PLACES_COUNT);
    await app.restart();
    await using after = await StatusReader.open(app.url, { lastEventId: before.lastId });
    await expect.poll(() => after.names).toEqual(["snapshot"]);
    expect(JSON.parse(after.events[0]?.data ?? "").state).toBe("unknown");
    expect(greenPlaces(await look(app.url))).toEqual([]);
    for (let count = 0; count < 2; count++) await round();
    await expect.poll(() => after.names.filter((name) => name === "component").length).toBe(5);
    expect(greenPlaces(await look(app.url)).length).toBe(GREEN_PLACES_COUNT);
  });
});
