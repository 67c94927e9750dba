import { METRICS_INTERVAL_MS } from "../../shared/status/heartbeat.ts";
import { mergeInstances } from "../../shared/status/instances.ts";
import {
  isConfirmed,
  PROBE_INTERVAL_MS,
  PROBE_VALID_MS,
  probedState,
  track,
  UNPROBED,
} from "../../shared/status/probe_track.ts";
import type { ProbeTrack } from "../../shared/status/probe_track.ts";
import type { ComponentState } from "../../shared/status/states.ts";
import { CALL_TIMEOUT_MS } from "../kv/kv_calls.ts";
import type { Log } from "../log.ts";
import type { ActivityStore } from "./activity_store.ts";
import type { DeliveryStore, StoredDeliveries } from "./delivery_store.ts";
import { dayOfDeliveries, DeliveryTimes, percentilesOf } from "./delivery_times.ts";
import { CERTIFICATE_TIMEOUT_MS } from "./owner_warnings.ts";
import type { OwnerWarnings } from "./owner_warnings.ts";
import type { ProbeRecord, ProbeRecordStore } from "./probe_record_store.ts";
import type { StatusCopy } from "./copies/status_copy.ts";
import type { IncidentDrafter } from "./drafts/incident_drafter.ts";
import { PROBE_TIMEOUT_MS, runProbe } from "./probes/probe.ts";
import type { Probe, ProbeReport } from "./probes/probe.ts";
import type { PublicStatus } from "./public_status.ts";
import type { Measurement } from "./measurements.ts";
import { STORED_IDS } from "./uptime_counter.ts";
import type { UptimeCounter } from "./uptime_counter.ts";

/** The component without which nothing can be written. */
const STORAGE = "storage";
/** What a probe that needs storage would find without it. */
const WITHOUT_STORAGE: ProbeReport = { state: "major_outage", reason: "Storage does not answer" };

/** After a result that says something else than what is shown, the next round comes so soon after the last one began. */
export const RECHECK_MS = PROBE_INTERVAL_MS / 2;

/** How long a round takes when nothing answers: what others measured, two groups of probes, and the certificate. */
export const ROUND_MAX_MS = CALL_TIMEOUT_MS + 2 * PROBE_TIMEOUT_MS + CERTIFICATE_TIMEOUT_MS;

export interface StatusMonitorOptions {
  readonly status: PublicStatus;
  readonly probes: readonly Probe[];
  readonly counter: UptimeCounter;
  readonly records: ProbeRecordStore;
  readonly drafter: IncidentDrafter;
  readonly deliveries: DeliveryStore;
  readonly activity: ActivityStore;
  readonly ownerWarnings: OwnerWarnings;
  /** Null where there is no folder for it. */
  readonly copy: StatusCopy | null;
  readonly log: Log;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
  /** Whether other instances may measure too. */
  readonly isShared: boolean;
  /** False in tests that call `tick` themselves. */
  readonly hasTimers: boolean;
}

/** Measures all components again and again, and lets everybody know. */
export class StatusMonitor {
  readonly #options: StatusMonitorOptions;
  readonly #tracks = new Map<string, ProbeTrack>();
  /** When a probe said last what the state of its component says. */
  readonly #confirmedAt = new Map<string, number>();
  /** Components that fail because storage does. */
  readonly #withoutStorage = new Set<string>();
  readonly #notes = new Map<string, string>();
  readonly #delivered = new DeliveryTimes();
  #deliveredElsewhere: StoredDeliveries["others"] = [];
  #hasReadDelivered = false;
  readonly #timers: ReturnType<typeof setInterval>[] = [];
  #recheck: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | null = null;

  constructor(options: StatusMonitorOptions) {
    this.#options = options;
  }

  /** Counts the time before the start, then measures every 20 s. */
  async start(): Promise<void> {
    const { counter, status, activity, hasTimers } = this.#options;
    // What cannot be read now is read before the first write of its part, which would replace it.
    await this.#guarded("read the uptime", () => counter.start());
    await this.#guarded("read how long messages took", () => this.#readDelivered());
    await this.#guarded("read the activity", () => activity.load());
    await this.#guarded("tell of the start", () => status.tellStart());
    if (!hasTimers) return;
    void this.#timedRound();
    this.#timers.push(
      setInterval(() => void this.#timedRound(), PROBE_INTERVAL_MS),
      setInterval(() => void this.beat(), METRICS_INTERVAL_MS),
    );
  }

  /** Lets readers know that they hear everything, and what has changed because nothing measures it any more. */
  async beat(): Promise<void> {
    const { status } = this.#options;
    status.publicFeed.tell({ type: "metrics", metrics: status.board.metrics });
    await status.tellChanges();
  }

  /** One round of probes; a round that is still under way is not joined by another. */
  tick(): Promise<void> {
    return this.#running ??= this.#round().finally(() => void (this.#running = null));
  }

  /** Ends the timers and says that this was planned. */
  async stop(): Promise<void> {
    const { counter, records } = this.#options;
    for (const timer of this.#timers) clearInterval(timer);
    await this.#running;
    clearTimeout(this.#recheck);
    this.#options.activity.close();
    await this.#guarded("write the activity", () => this.#options.activity.write());
    await this.#guarded("write the uptime", () => counter.flush({ isPlanned: true }));
    await this.#guarded("withdraw measurements", () => records.remove());
  }

  /** A round, and another one soon where something turned out otherwise than it is shown: it takes two to show it. */
  async #timedRound(): Promise<void> {
    const startedAt = performance.now();
    await this.tick();
    clearTimeout(this.#recheck);
    if ([...this.#tracks.values()].every(isConfirmed)) return;
    const waitMs = Math.max(0, startedAt + RECHECK_MS - performance.now());
    this.#recheck = setTimeout(() => void this.#timedRound(), waitMs);
  }

  async #round(): Promise<void> {
    const { status, probes, counter, drafter, ownerWarnings, copy, activity } = this.#options;
    counter.lookAtClocks();
    const others = await this.#others();
    // Storage first: without it, nothing else waits for storage. The rest together, so that a round ends before the
    // next is due even if nothing answers: a skipped one would make results too old to show a failure.
    await this.#measureAll(probes.filter(({ id }) => id === STORAGE), others);
    const isLost = ({ id, needsStorage }: Probe) =>
      id !== STORAGE && needsStorage === true && !status.publicFeed.isStorageThere;
    for (const { id } of probes.filter(isLost)) this.#take(id, WITHOUT_STORAGE, others);
    if (!status.publicFeed.isStorageThere) {
      await status.tellChanges();
      status.tellRest();
    }
    await this.#measureAll(probes.filter((probe) => probe.id !== STORAGE && !isLost(probe)), others);
    this.#showDelivered(others);
    await status.tellChanges();
    status.tellRest();
    await copy?.update();
    await this.#guarded("look at the disk and the certificate", () => ownerWarnings.check());
    // Each call would wait for seconds, and the next round would be late.
    if (!status.publicFeed.isStorageThere) return;
    await this.#share();
    await this.#guarded("draft an incident", () => drafter.write());
    await this.#guarded("store the true states", () => status.publicFeed.catchUp());
    await this.#guarded("advance maintenance", () => status.advance());
    await this.#guarded("remind rooms", () => status.teller.remind());
    if (!counter.isDue) return;
    await this.#guarded("write the activity", async () => {
      await activity.write();
      status.board.figures.activity = activity.current();
    });
    await this.#guarded("write the uptime", () => counter.flush({ isPlanned: false }));
    await this.#guarded("write how long messages took", () => this.#writeDelivered());
    await this.#guarded("read names", () => status.refresh());
  }

  async #readDelivered(): Promise<void> {
    if (this.#hasReadDelivered) return;
    const { own, others } = await this.#options.deliveries.read();
    this.#hasReadDelivered = true;
    this.#delivered.restore(own);
    this.#deliveredElsewhere = others;
    this.#showDelivered([]);
  }

  async #writeDelivered(): Promise<void> {
    const { deliveries, now } = this.#options;
    await this.#readDelivered();
    this.#deliveredElsewhere = await deliveries.write(this.#delivered.slots, now());
  }

  async #measureAll(probes: readonly Probe[], others: readonly ProbeRecord[]): Promise<void> {
    await Promise.all(probes.map(async (probe) => this.#take(probe.id, await runProbe(probe), others)));
  }

  #take(id: string, report: ProbeReport, others: readonly ProbeRecord[]): void {
    const { status: { board, publicFeed }, counter, drafter, log, now } = this.#options;
    const { state, note, reason, deliveredMs } = report;
    if (report === WITHOUT_STORAGE) this.#withoutStorage.add(id);
    else if (state !== "operational") this.#withoutStorage.delete(id);
    if (id === STORAGE) publicFeed.isStorageThere = state !== "major_outage";
    if (reason !== undefined) log.warn("A probe failed", { component: id, reason });
    if (deliveredMs !== undefined) this.#delivered.add(deliveredMs, now());
    if (note === undefined) this.#notes.delete(id);
    else this.#notes.set(id, note);
    const at = now();
    const before = this.#tracks.get(id) ?? UNPROBED;
    const { track: after, spans } = track(before, { at, state });
    this.#tracks.set(id, after);
    if (isConfirmed(after)) this.#confirmedAt.set(id, at);
    const elsewhere = others.flatMap(({ measurements }) => measurements[id]?.state ?? []);
    for (const span of spans) {
      const merged = mergeInstances([this.#countedState(id, span.state), ...elsewhere]);
      counter.add({ ...span, id, state: board.stateOf(id, merged, span.from) });
    }
    if (after.state === "operational") this.#withoutStorage.delete(id);
    const merged = mergeInstances([after.state, ...elsewhere]);
    const confirmedAt = this.#confirmedAt.get(id) ?? at;
    board.measure(id, { ...this.#own(id), state: merged, confirmedAt });
    drafter.observe({ id, state: merged, since: spans.at(-1)?.from ?? at });
  }

  /** An outage of storage is counted for storage and messages: of what else fails with it, nothing is known. */
  #countedState(id: string, state: ComponentState): ComponentState {
    const isStoragesFault = state === "major_outage" && this.#withoutStorage.has(id);
    return isStoragesFault && !STORED_IDS.includes(id) ? "unknown" : state;
  }

  /** All instances together, so that all show the same. */
  #showDelivered(others: readonly ProbeRecord[]): void {
    const { status: { board: { figures } }, now } = this.#options;
    const recent = [this.#delivered.recent, ...others.map(({ delivered }) => delivered)]
      .filter((one) => one !== null && one !== undefined);
    figures.setDelivered(percentilesOf(recent), Math.max(...recent.map(({ at }) => at)));
    figures.deliveredDay = dayOfDeliveries([this.#delivered.slots, ...this.#deliveredElsewhere], now());
  }

  #own(id: string): Measurement {
    const at = this.#tracks.get(id) ?? UNPROBED;
    const note = this.#notes.get(id);
    return {
      state: probedState(at, this.#options.now()),
      at: at.last?.at ?? 0,
      ...(note === undefined ? {} : { note }),
    };
  }

  /** What other instances measure; nothing while storage does not answer. */
  async #others(): Promise<readonly ProbeRecord[]> {
    const { records, isShared, now, status } = this.#options;
    if (!isShared || !status.publicFeed.isStorageThere) return [];
    let all: readonly ProbeRecord[] = [];
    await this.#guarded("read what others measure", async () => {
      all = await records.others(now(), PROBE_VALID_MS);
    });
    return all;
  }

  async #share(): Promise<void> {
    const { records, isShared, now, probes } = this.#options;
    if (!isShared) return;
    // An instance that has just started says nothing against what others have measured.
    const known = probes.map(({ id }) => [id, this.#own(id)] as const).filter(([, { state }]) =>
      state !== "unknown"
    );
    const measurements = Object.fromEntries(known);
    const { recent } = this.#delivered;
    const record = { at: now(), measurements, ...(recent === null ? {} : { delivered: recent }) };
    await this.#guarded("write what is measured", () => records.write(record));
  }

  async #guarded(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#options.log.warn(`Cannot ${what}, trying again`, { reason: String(error) });
    }
  }
}
