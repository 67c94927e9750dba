import { describe, expect, it } from "vitest";
import { COMPONENTS } from "../../../server/status/components.ts";
import { RECENT_COUNT, StatusBoard } from "../../../server/status/status_board.ts";
import type { Announcement, StatusIncident, StatusMaintenance } from "../../../shared/status/status.ts";

const START_MS = Date.parse("2030-01-31T12:00:00.000Z");
const OVER_COUNT = RECENT_COUNT + 3;

function boardNow(): StatusBoard {
  return new StatusBoard({ definitions: COMPONENTS, now: () => START_MS });
}

/** A time so many minutes before now: the higher the number, the older. */
function minutesAgo(count: number): string {
  return new Date(START_MS - count * 60_000).toISOString();
}

/** Numbers from the newest to the oldest, so that the last ones have to go. */
const NUMBERS = Array.from({ length: OVER_COUNT }, (_, index) => index);

function incident(number: number, state: StatusIncident["state"]): StatusIncident {
  const at = minutesAgo(number);
  const resolvedAt = state === "resolved" ? at : null;
  return {
    id: `${state} ${number}`,
    title: "Late",
    state,
    impact: "none",
    components: [],
    startedAt: at,
    createdAt: at,
    updatedAt: at,
    monitoringAt: null,
    resolvedAt,
    updates: [],
  };
}

describe("StatusBoard", () => {
  it("keeps every open incident, and of those that are over the newest", () => {
    const board = boardNow();
    board.apply({ type: "incident", incident: incident(10_000, "investigating") });
    for (const number of NUMBERS) {
      board.apply({ type: "incident", incident: incident(number, "resolved") });
    }
    expect(board.incidents().map(({ id }) => id)).toEqual([
      ...NUMBERS.slice(0, RECENT_COUNT).map((number) => `resolved ${number}`),
      "investigating 10000",
    ]);
  });

  it("keeps every open maintenance, and of those that are over the newest", () => {
    const board = boardNow();
    const apply = (number: number, state: StatusMaintenance["state"]) => {
      const at = minutesAgo(number);
      const maintenance = { id: `${state} ${number}`, title: "Move", state, components: [], updates: [] };
      const times = { startsAt: at, endsAt: at, createdAt: at, updatedAt: at, resolvedAt: null };
      board.apply({ type: "maintenance", maintenance: { ...maintenance, ...times } });
    };
    apply(10_000, "in_progress");
    for (const number of NUMBERS) apply(number, "completed");
    expect(board.maintenances().map(({ id }) => id)).toEqual([
      ...NUMBERS.slice(0, RECENT_COUNT).map((number) => `completed ${number}`),
      "in_progress 10000",
    ]);
  });

  it("keeps every announcement in force, and of those that are over the newest", () => {
    const board = boardNow();
    const apply = (number: number, retractedAt: string | null) => {
      const announcement: Announcement = {
        id: `${number}`,
        text: "Hello",
        html: "<p>Hello</p>",
        level: "info",
        at: minutesAgo(number),
        expiresAt: null,
        retractedAt,
      };
      board.apply({ type: "announcement", announcement });
    };
    apply(10_000, null);
    for (const number of NUMBERS) apply(number, minutesAgo(0));
    const known = [...NUMBERS, 10_000].filter((number) => board.find("announcement", `${number}`) !== null);
    expect(known).toEqual([...NUMBERS.slice(0, RECENT_COUNT), 10_000]);
  });
});
