import type { StatusIncident, StatusMaintenance } from "../../../shared/status/status.ts";
import { DAY_MS, dayOf } from "../../../shared/status/uptime.ts";

/** Months that the history leads to. */
const MONTHS_MAX_COUNT = 24;

/** What happened on one UTC day. */
export interface StoryDay {
  readonly day: string;
  /** What began on that day, or earlier than the month. */
  readonly begun: readonly (StatusIncident | StatusMaintenance)[];
  readonly goingOn: readonly { readonly id: string; readonly title: string }[];
}

interface Story {
  readonly value: StatusIncident | StatusMaintenance;
  readonly from: number;
  readonly to: number;
}

/** The days of a month on which something happened, the newest first. */
export function storyDays(
  month: string,
  { incidents, maintenances, now }: {
    readonly incidents: readonly StatusIncident[];
    readonly maintenances: readonly StatusMaintenance[];
    readonly now: number;
  },
): StoryDay[] {
  const stories = [
    ...incidents.map((value): Story => ({
      value,
      from: Date.parse(value.startedAt),
      to: value.resolvedAt === null ? now : Date.parse(value.resolvedAt),
    })),
    ...maintenances.map((value): Story => ({
      value,
      from: Date.parse(value.startsAt),
      to: Date.parse(value.resolvedAt ?? value.endsAt),
    })),
  ];
  const found: StoryDay[] = [];
  let isFirst = true;
  for (let start = Date.parse(month); dayOf(start).startsWith(month); start += DAY_MS) {
    const onDay = stories.filter(({ from, to }) => from < start + DAY_MS && Math.max(to, from) >= start);
    const isBegun = ({ from }: Story) => isFirst || from >= start;
    const begun = onDay.filter(isBegun).map(({ value }) => value);
    const goingOn = onDay.filter((story) => !isBegun(story)).map(({ value: { id, title } }) => ({
      id,
      title,
    }));
    if (onDay.length > 0) found.push({ day: dayOf(start), begun, goingOn });
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
