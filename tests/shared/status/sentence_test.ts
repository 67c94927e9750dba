import { describe, expect, it } from "vitest";
import { indicatorOf } from "../../../shared/status/indicator.ts";
import { checkedText, sentenceOf, verdictOf } from "../../../shared/status/sentence.ts";
import { COMPONENT_STATES } from "../../../shared/status/states.ts";
import type { ComponentState } from "../../../shared/status/states.ts";
import { EN } from "../../../shared/status/words_en.ts";

const NAMES: Record<string, string> = {
  messages: "Messages",
  live: "Live connection",
  events: "Live events",
  storage: "Storage",
  calls: "Calls",
};

function sentence(states: Record<string, ComponentState>, incidents: Parameters<typeof verdictOf>[1] = []) {
  const components = Object.entries(states).map(([id, state]) => ({ id, name: NAMES[id] ?? id, state }));
  return sentenceOf(verdictOf(components, incidents, EN));
}

const well = { messages: "operational", live: "operational" } as const;

describe("verdictOf()", () => {
  it("says what is wrong first, and what works", () => {
    expect(sentence({ ...well, calls: "degraded_performance" }))
      .toBe("Calls are degraded. Messages and everything else work normally.");
    expect(sentence({ messages: "major_outage", live: "operational", calls: "operational" }))
      .toBe("Messages are down. Everything else works normally.");
    expect(sentence({ messages: "operational", storage: "partial_outage" }))
      .toBe("Storage fails for some people. Messages work normally.");
  });

  it("names each state, the worst first", () => {
    const states = { calls: "unknown", live: "under_maintenance", storage: "major_outage" } as const;
    expect(sentence(states))
      .toBe("Storage is down. The state of Calls is unknown. Live connection is under maintenance.");
  });

  it("counts what would be too long to name", () => {
    const down = Object.fromEntries(Object.keys(NAMES).map((id) => [id, "major_outage" as const]));
    expect(sentence(down)).toBe("Messages, Live connection and 3 others are down.");
  });

  it("names an incident that goes on while all components work", () => {
    expect(sentence(well, [{ state: "monitoring", title: "Calls fail", components: [] }])).toBe(
      "Monitoring: Calls fail.",
    );
    expect(sentence(well, [{ state: "resolved", title: "Calls fail", components: [] }])).toBe(
      "All systems operational.",
    );
    expect(
      sentence({ ...well, calls: "under_maintenance" }, [{
        state: "monitoring",
        title: "Late?",
        components: [],
      }]),
    )
      .toBe("Monitoring: Late? Calls are under maintenance.");
  });

  it("names an incident about hidden components that is worse than all that is shown", () => {
    const fails = {
      state: "investigating",
      title: "Search fails",
      components: [{ id: "search", status: "partial_outage" }],
    } as const;
    expect(sentence({ ...well, calls: "degraded_performance" }, [fails]))
      .toBe("Investigating: Search fails. Calls are degraded.");
    expect(sentence({ ...well, calls: "partial_outage" }, [fails]))
      .toBe("Calls fail for some people. Messages and everything else work normally.");
  });

  it("isolates names that are written from right to left", () => {
    const components = [{ id: "live", name: "הודעות", state: "major_outage" as const }];
    expect(sentenceOf(verdictOf(components, [], EN))).toBe("\u2068הודעות\u2069 is down.");
    const incident = { state: "monitoring", title: "שלום.", components: [] } as const;
    expect(sentence(well, [incident])).toBe("Monitoring: \u2068שלום.\u2069");
  });

  it("claims nothing when nothing is measured", () => {
    expect(sentence({})).toBe("Nothing is measured yet.");
    expect(sentence({ messages: "unknown", live: "unknown" })).toBe("The current state is unknown.");
  });
});

describe("checkedText()", () => {
  it("counts in seconds, minutes and hours", () => {
    expect(checkedText(4_000, EN)).toBe("Checked 4 seconds ago.");
    expect(checkedText(1_000, EN)).toBe("Checked 1 second ago.");
    expect(checkedText(60_000, EN)).toBe("Checked 1 minute ago.");
    expect(checkedText(3 * 3_600_000, EN)).toBe("Checked 3 hours ago.");
    expect(checkedText(-500, EN)).toBe("Checked 0 seconds ago.");
  });
});

describe("indicatorOf()", () => {
  it("gives the words that consumers of the format know", () => {
    const table = Object.fromEntries(
      COMPONENT_STATES.map((state) => [state, Object.values(indicatorOf(state))]),
    );
    expect(table).toEqual({
      operational: ["none", "All Systems Operational"],
      under_maintenance: ["maintenance", "Service Under Maintenance"],
      unknown: ["minor", "Minor Service Outage"],
      degraded_performance: ["minor", "Partially Degraded Service"],
      partial_outage: ["major", "Partial System Outage"],
      major_outage: ["critical", "Major Service Outage"],
    });
  });
});
