import type { StatusIncident, StatusMaintenance } from "../../../shared/status/status.ts";
import type { ItemTitle } from "../status_reader_store.ts";
import { DAY_MS, dayOf } from "../../../shared/status/uptime.ts";

/** Months that the history leads to. */
const MONTHS_MAX_COUNT = 24;

/** What happened on one UTC day. */
export interface TimelineDay {
  readonly day: string;
  /** What began on that day, or earlier than the month. */
  readonly begun: readonly (StatusIncident | StatusMaintenance)[];
  /** What is told elsewhere: on its first day, or on a page of its own. */
  readonly linked: readonly { readonly id: string; readonly title: string }[];
}

interface PlacedItem {
  readonly id: string;
  readonly title: string;
  /** Null for what memory no longer holds. */
  readonly value: StatusIncident | StatusMaintenance | null;
  readonly from: number;
  readonly to: number;
}

/** The days of a month on which something happened, the newest first. */
export function timelineDays(
  month: string,
  { incidents, maintenances, archived, now }: {
    readonly incidents: readonly StatusIncident[];
    readonly maintenances: readonly StatusMaintenance[];
    /** What began in that month, whether it is in memory or not. */
    readonly archived: readonly ItemTitle[];
    readonly now: number;
  },
): TimelineDay[] {
  const items = [
    ...incidents.map((value): PlacedItem => ({
      ...value,
      value,
      from: Date.parse(value.startedAt),
      to: value.resolvedAt === null ? now : Date.parse(value.resolvedAt),
    })),
    ...maintenances.map((value): PlacedItem => ({
      ...value,
      value,
      from: Date.parse(value.startsAt),
      to: Date.parse(value.resolvedAt ?? value.endsAt),
    })),
  ];
  const known = new Set(items.map(({ id }) => id));
  for (const { id, title, startedAt } of archived) {
    const from = Date.parse(startedAt);
    if (!known.has(id)) items.push({ id, title, value: null, from, to: from });
  }
  const found: TimelineDay[] = [];
  let isFirst = true;
  for (let start = Date.parse(month); dayOf(start).startsWith(month); start += DAY_MS) {
    const onDay = items.filter(({ from, to }) => from < start + DAY_MS && Math.max(to, from) >= start);
    const isBegun = ({ from }: PlacedItem) => isFirst || from >= start;
    const begun = onDay.flatMap((item) => item.value !== null && isBegun(item) ? [item.value] : []);
    const linked = onDay.filter((item) => item.value === null || !isBegun(item))
      .map(({ id, title }) => ({ id, title }));
    if (onDay.length > 0) found.push({ day: dayOf(start), begun, linked });
    isFirst = false;
  }
  return found.reverse();
}

/** Months from one time to another, the newest first; of more than there is room for, the newest. */
export function monthsBetween(first: string, last: string): string[] {
  const months: string[] = [];
  const date = new Date(last.slice(0, 7));
  while (months.length < MONTHS_MAX_COUNT) {
    const month = date.toISOString().slice(0, 7);
    if (month < first.slice(0, 7)) break;
    months.push(month);
    date.setUTCMonth(date.getUTCMonth() - 1);
  }
  return months;
}
