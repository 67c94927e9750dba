import { describe, expect, it } from "vitest";
import { keys } from "../../../server/kv/keys.ts";
import type { IncidentRow } from "../../../server/status/status_rows.ts";
import { testApp } from "../../support/test_app.ts";

const PATHS = [
  "/status",
  "/status/history",
  "/status.md",
  "/api/v2/summary.json",
  "/api/v2/incidents.json",
  "/status/feed.atom",
  "/status/feed.rss",
  "/status/maintenance.ics",
  "/status/badge.svg?component=live",
];
/** Overrides, embeddings and isolates that are not ours, and what hides text. */
const HARMFUL_PATTERN = /[\u202a-\u202e\u2066\u2067\u200b\u2060\ufeff\u00ad]|\u2068(?![^\u2068]*\u2069)/;

describe("what people write for the public", () => {
  it("cannot reorder or hide what stands beside it, wherever it is shown", async () => {
    await using app = await testApp();
    const { status } = app.owner.api;
    const { incidents } = app.services.status;
    await status.setComponent.mutate({
      id: "live",
      name: "Li\u202eve",
      group: "\u2067Core",
      description: "A\u202bb",
    });
    await status.announce.mutate({ text: "Read\u202e this\u2069", level: "info" });
    await status.planMaintenance.mutate({
      title: "Mo\u202eve",
      text: "We \u202dmove.",
      components: ["live"],
      startsAt: new Date(Date.now() + 60_000).toISOString(),
      endsAt: new Date(Date.now() + 120_000).toISOString(),
    });
    const { id } = await status.openIncident.mutate({ title: "a\u202eb", text: "c\u2066d", components: [] });
    // As an earlier release stored it.
    const entry = await app.services.db.get<IncidentRow>(keys.statusItem("incident", id));
    if (entry.value === null) throw new Error("The incident is not stored");
    await app.services.db.commit({ sets: [[entry.key, { ...entry.value, title: "ol\u202ed הודעות" }]] });
    await incidents.update({ id, state: "identified", text: "e\u202ef" }, app.owner.id);
    await app.services.status.refresh();
    for (const accept of ["text/html", "text/plain"]) {
      for (const path of PATHS) {
        const text = await (await fetch(`${app.url}${path}`, { headers: { accept } })).text();
        expect(HARMFUL_PATTERN.exec(text)?.[0], path).toBeUndefined();
      }
    }
    const current = await status.current.query();
    expect(JSON.stringify(current)).not.toMatch(HARMFUL_PATTERN);
    expect(current.sentence).toBe(
      "Identified: \u2068old הודעות\u2069. The state of Messages, Live and 3 others is unknown.",
    );
  });

  it("must say something besides such characters", async () => {
    await using app = await testApp();
    const open = app.owner.api.status.openIncident.mutate({
      title: "\u202e\u2066",
      text: "x",
      components: [],
    });
    await expect(open).rejects.toThrow(/Must say something/);
  });
});
