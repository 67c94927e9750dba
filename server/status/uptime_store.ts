import type { Heartbeat } from "../../shared/status/heartbeat.ts";
import {
  addTime,
  DAY_MS,
  dayOf,
  splitByDay,
  uncounted,
  UPTIME_DAYS_COUNT,
} from "../../shared/status/uptime.ts";
import type { DayTimes, Span } from "../../shared/status/uptime.ts";
import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import { RowUpdates } from "../kv/row_updates.ts";

/** More instances than ever wrote a heartbeat within a day. */
const BEATS_MAX_COUNT = 500;

/** A stretch of time of one component. */
export interface ComponentSpan extends Span {
  readonly id: string;
}

/** Times by component and day. */
export type Days = Map<string, Map<string, DayTimes>>;

/** Up to when each component is counted, in epoch ms. */
interface CountedRow {
  readonly until: Readonly<Record<string, number>>;
}

/** Owns heartbeats and the times of each day. What is counted once is never counted again. */
export class UptimeStore {
  readonly #db: Database;
  readonly #updates = new RowUpdates();

  /** Works on `db`. */
  constructor(db: Database) {
    this.#db = db;
  }

  /** The last heartbeat of each process, by its instance id. */
  async beats(): Promise<Map<string, Heartbeat>> {
    const rows = await this.#db.list<Heartbeat>(keys.statusBeats(), { limit: BEATS_MAX_COUNT });
    return new Map(rows.map(({ key, value }) => [String(key.at(-1)), value]));
  }

  /** Says that an instance lives; heartbeats of instances that are gone for a day go. */
  async beat(instanceId: string, beat: Heartbeat): Promise<void> {
    const rows = await this.#db.list<Heartbeat>(keys.statusBeats(), { limit: BEATS_MAX_COUNT });
    const old = rows.filter(({ key, value }) => value.at < beat.at - DAY_MS && key.at(-1) !== instanceId);
    await this.#db.commit({
      sets: [[keys.statusBeat(instanceId), beat]],
      deletes: old.map(({ key }) => key),
    });
  }

  /** Reads the days that the page shows. */
  async days(ids: readonly string[], now: number): Promise<Days> {
    const first = dayOf(now - UPTIME_DAYS_COUNT * DAY_MS);
    const lists = await Promise.all(ids.map((id) =>
      this.#db.list<DayTimes>(keys.statusDays(id), {
        limit: UPTIME_DAYS_COUNT + 2,
        start: keys.statusDay(id, first),
      })
    ));
    return new Map(ids.map((id, index) => [
      id,
      new Map((lists[index] ?? []).map(({ key, value }) => [String(key.at(-1)), value])),
    ]));
  }

  /** Reads up to when each component is counted, in epoch ms. */
  async countedUntil(): Promise<ReadonlyMap<string, number>> {
    const { value } = await this.#db.get<CountedRow>(keys.statusCounted());
    return new Map(Object.entries(value?.until ?? {}));
  }

  /** Adds spans to their days, in one commit, leaving out what is counted already. Gives the days that changed. */
  count(spans: readonly ComponentSpan[]): Promise<Days> {
    return this.#updates.run(keys.statusCounted(), async () => {
      const entry = await this.#db.get<CountedRow>(keys.statusCounted());
      const until: Record<string, number> = { ...entry.value?.until };
      const shares = spans.flatMap(({ id, ...span }) => {
        const rest = uncounted(withinShownDays(span), until[id] ?? 0);
        if (rest === null) return [];
        until[id] = rest.to;
        return splitByDay(rest).map((share) => ({ id, ...share }));
      });
      const names = [...new Set(shares.map(({ id, day }) => `${id} ${day}`))];
      const places = names.map((name) => name.split(" ")).map(([id = "", day = ""]) => ({ id, day }));
      const rows = await this.#db.getMany<DayTimes>(places.map(({ id, day }) => keys.statusDay(id, day)));
      const days: Days = new Map();
      for (const [index, { id, day }] of places.entries()) {
        const own = shares.filter((share) => share.id === id && share.day === day);
        const times = own.reduce(addTime, rows[index]?.value ?? {});
        days.getOrInsertComputed(id, () => new Map()).set(day, times);
      }
      const sets = places.map(({ id, day }) => [keys.statusDay(id, day), days.get(id)?.get(day)] as const);
      // Whoever counts checks this row, so that no two instances count the same time.
      const row: CountedRow = { until };
      const commit = { checks: [entry], sets: [[entry.key, row] as const, ...sets] };
      return await this.#db.commit(commit) === null ? null : days;
    });
  }
}

/** A gap of years needs no row for each of its days. */
function withinShownDays(span: Span): Span {
  return { ...span, from: Math.max(span.from, span.to - UPTIME_DAYS_COUNT * DAY_MS) };
}
