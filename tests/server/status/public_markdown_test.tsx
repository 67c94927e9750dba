import { renderToString } from "preact-render-to-string";
import { describe, expect, it } from "vitest";
import { EN } from "../../../shared/status/words_en.ts";
import type { Announcement, StatusIncident } from "../../../shared/status/status.ts";
import { feedEntries } from "../../../server/status/feeds/feed_entries.ts";
import { renderUpdateText } from "../../../server/status/feeds/UpdateText.tsx";
import { previewMarkdown, publicMarkdown } from "../../../server/status/PublicMarkdown.tsx";
import { IncidentTimeline, Notice } from "../../../server/status/page/Timelines.tsx";

const AT = "2030-01-31T12:00:00.000Z";

/** Something with a text that is read only to be parsed. */
function counted<T extends object>(rest: T): T & { readonly text: string; readCount: number } {
  return Object.defineProperty({ ...rest, text: "", readCount: 0 }, "text", {
    get() {
      this.readCount++;
      return "We *look*.";
    },
  });
}

describe("texts of the status page", () => {
  it("are parsed once for all pages and feeds", () => {
    const update = counted({
      id: "u",
      state: "investigating" as const,
      html: "",
      at: AT,
      editedAt: null,
      changes: [],
    });
    const incident: StatusIncident = {
      id: "i",
      title: "Slow",
      state: "investigating",
      impact: "minor",
      components: [],
      startedAt: AT,
      createdAt: AT,
      updatedAt: AT,
      monitoringAt: null,
      resolvedAt: null,
      updates: [update],
    };
    const announcement: Announcement & { readCount: number } = counted({
      id: "a",
      html: "",
      level: "info" as const,
      at: AT,
      expiresAt: null,
      retractedAt: null,
    });
    for (let count = 0; count < 2; count++) {
      expect(renderToString(<IncidentTimeline incident={incident} words={EN} />)).toContain(
        "We <em>look</em>.",
      );
      expect(renderToString(<Notice announcement={announcement} words={EN} />)).toContain(
        "We <em>look</em>.",
      );
      const [entry] = feedEntries({ incidents: [incident], maintenances: [] }, null);
      if (entry === undefined) throw new Error("There is no entry");
      expect(renderUpdateText(entry)).toContain("We <em>look</em>.");
    }
    expect([update.readCount, announcement.readCount]).toEqual([1, 1]);
  });

  it("are parsed once however often storage gives them", () => {
    const texts = Array.from({ length: 40 }, (_, index) => `${index} ${"**Live** is _slow_. ".repeat(90)}`);
    const renderAll = () => {
      const startedAt = performance.now();
      const all = texts.map((text) => publicMarkdown(text));
      return { all, ms: performance.now() - startedAt };
    };
    const first = renderAll();
    const again = renderAll();
    expect(again.all).toEqual(first.all);
    expect(again.all[7]).toBe(previewMarkdown(texts[7] ?? ""));
    // A thousandth, unless something else stops the process for a moment.
    expect(again.ms).toBeLessThan(first.ms / 4);
  });
});
