import type { ProbeFinding } from "../../../server/status/probes/probe.ts";
import type { Probe } from "../../../server/status/probes/probe.ts";
import { DraftStore } from "../../../server/status/drafts/draft_store.ts";
import { IncidentDrafter } from "../../../server/status/drafts/incident_drafter.ts";
import { ProbeRecordStore } from "../../../server/status/probe_record_store.ts";
import { StatusMonitor } from "../../../server/status/status_monitor.ts";
import { ActivityStore } from "../../../server/status/activity_store.ts";
import { DeliveryStore } from "../../../server/status/delivery_store.ts";
import { UptimeCounter } from "../../../server/status/uptime_counter.ts";
import { UptimeStore } from "../../../server/status/uptime_store.ts";
import { PROBE_INTERVAL_MS } from "../../../shared/status/probe_track.ts";
import type { DayTimes } from "../../../shared/status/uptime.ts";
import type { StatusKit } from "../../support/status_kit.ts";

const IDS = ["messages", "live", "events", "storage", "calls"];

/** Options of `ScriptedMonitor` that few tests need. */
export interface ScriptedOptions {
  readonly hasTimers?: boolean;
  /** Components whose probes fail with storage. */
  readonly needStorage?: readonly string[];
}

/** Monitors with probes whose results a test decides, over real stores. */
export class ScriptedMonitor {
  readonly failing = new Set<string>();
  /** Whether this one counts for all. */
  isFirst = true;
  /** Called at the start of each probe, which waits for it. */
  onProbe: (id: string) => Promise<void> = () => Promise.resolve();
  readonly monitor: StatusMonitor;
  readonly #kit: StatusKit;
  #monotonicMs: number;

  constructor(
    kit: StatusKit,
    instanceId = "one",
    isShared = false,
    { hasTimers = false, needStorage = [] }: ScriptedOptions = {},
  ) {
    this.#kit = kit;
    this.#monotonicMs = kit.clock.now;
    const { db, log, ownerWarnings } = kit.services;
    const probes = IDS.map((id): Probe => ({
      id,
      needsStorage: needStorage.includes(id),
      run: async (): Promise<ProbeFinding> => {
        await this.onProbe(id);
        if (this.failing.has(id)) throw new Error("Down");
        return { deliveredMs: 5 };
      },
    }));
    this.monitor = new StatusMonitor({
      status: kit.status,
      probes,
      counter: new UptimeCounter({
        store: new UptimeStore(db),
        board: kit.status.board,
        componentIds: IDS,
        instanceId,
        clocks: () => ({ wallMs: kit.clock.now, monotonicMs: this.#monotonicMs }),
        isFirst: () => this.isFirst,
        isShared,
      }),
      records: new ProbeRecordStore(db, instanceId),
      ownerWarnings,
      activity: new ActivityStore({
        db,
        feed: kit.services.feed,
        onlineCount: () => 0,
        now: () => kit.clock.now,
        isFirst: () => true,
      }),
      deliveries: new DeliveryStore(db, "one"),
      copy: null,
      drafter: new IncidentDrafter({
        store: new DraftStore(db),
        board: kit.status.board,
        log,
        now: () => kit.clock.now,
        isFirst: () => true,
      }),
      log,
      now: () => kit.clock.now,
      isShared,
      hasTimers,
    });
  }

  /** Lets time pass without a round of probes; the machine's own clock may go another way than the wall's. */
  pass(ms: number, monotonicMs = ms): void {
    this.#kit.clock.now += ms;
    this.#monotonicMs += monotonicMs;
  }

  /** Rounds of probes, each after the usual interval. */
  async rounds(count: number): Promise<void> {
    for (let round = 0; round < count; round++) {
      this.pass(PROBE_INTERVAL_MS);
      await this.monitor.tick();
    }
  }
}

/** Seconds in each state of one component, over all days. */
export function secondsOf(kit: StatusKit, id: string): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { times } of kit.status.board.days(id)) {
    for (const [state, ms] of Object.entries(times satisfies DayTimes)) {
      sums[state] = (sums[state] ?? 0) + ms / 1_000;
    }
  }
  return sums;
}
