import { describe, expect, it } from "vitest";
import { StatusFigures } from "../../../server/status/status_figures.ts";
import { PROBE_VALID_MS } from "../../../shared/status/probe_track.ts";

const NOW = Date.parse("2030-01-31T12:00:00.000Z");

describe("StatusFigures", () => {
  it("says how long messages take only while that is measured and they work", () => {
    const figures = new StatusFigures();
    const delivered = { p50: 5, p95: 9 };
    figures.setDelivered(delivered, NOW);
    const shown = (now: number, messages: "operational" | "partial_outage" = "operational") =>
      figures.metrics({ messages, measuredAt: null, now }).deliveredMs;
    expect(shown(NOW + PROBE_VALID_MS)).toEqual(delivered);
    expect(shown(NOW + PROBE_VALID_MS + 1)).toBeNull();
    expect(shown(NOW, "partial_outage")).toBeNull();
  });
});
