import { describe, expect, it } from "vitest";
import { drawTransports } from "./transports_chart.ts";
import { formatCount, formatMs, tabulateTransports } from "./transports_table.ts";
import type { Figures } from "./transports_table.ts";

function figures(name: string, scale: number): Figures {
  const costs = {
    requestsPerMinute: 10 * scale,
    bytesPerMessage: 100 * scale,
    cpuMicrosPerMessage: 50 * scale,
    delayMs: { p50: scale, p99: 5 * scale },
  };
  return {
    name,
    idle: { requestsPerMinute: scale - 1, bytesPerMinute: 40 * scale },
    quiet: costs,
    busy: costs,
  };
}

const ALL = [figures("WebSocket", 1), figures("Short <polling> & more", 10)];

describe("the table of transports", () => {
  it("has a column for each, and every figure", () => {
    const [names, ...rows] = tabulateTransports(ALL);
    expect(names).toEqual(["", ...ALL.map(({ name }) => name)]);
    expect(rows.map(([, , last]) => last)).toEqual(
      ["10 ms", "50 ms", "1,000", "1,000", "0.50 ms", "0.50 ms", "9.0", "100", "100", "400"],
    );
    expect(new Set(rows.map(([title]) => title)).size).toBe(rows.length);
  });

  it("shows as many digits as one can use", () => {
    expect([0.1234, 4.26, 12.7, 2_964.2].map(formatMs)).toEqual(["0.12 ms", "4.3 ms", "13 ms", "2,964 ms"]);
    expect([0, 0.35, 9.96, 31.6, 1_204].map(formatCount)).toEqual(["0", "0.4", "10", "32", "1,204"]);
  });
});

describe("the chart of transports", () => {
  const chart = drawTransports(ALL);

  it("draws bars in proportion, and none for nothing", () => {
    const widths = [...chart.matchAll(/class="bar"[^>]* width="([\d.]+)"/g)].map(([, width]) =>
      Number(width)
    );
    expect(widths).toHaveLength(8);
    const [delay, slowDelay, idle] = widths;
    expect((slowDelay ?? 0) / (delay ?? 1)).toBeCloseTo(10, 1);
    expect(idle).toBe(0);
  });

  it("stays within its width, and escapes names", () => {
    const [, width = "0"] = /viewBox="0 0 (\d+) /.exec(chart) ?? [];
    for (const [, left, x] of chart.matchAll(/translate\(([\d.]+) |class="value" x="([\d.]+)"/g)) {
      expect(Number(left ?? x)).toBeLessThan(Number(width));
    }
    expect(chart).toContain("Short &lt;polling> &amp; more");
    // Every element is closed.
    expect(chart.match(/<(g|svg|text|style)\b/g)?.length).toBe(
      chart.match(/<\/(g|svg|text|style)>/g)?.length,
    );
  });

  it("has colours for light and dark pages, and says its figures in words", () => {
    expect(chart).toContain("prefers-color-scheme: dark");
    expect(chart).toContain("Requests of an idle tab, a minute; nobody writes anything: WebSocket 0,");
  });

  it("marks the default alone", () => {
    expect(chart.match(/class="default"/g)).toHaveLength(4);
  });
});
