import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ANNOUNCE_BATCH_MS, AnnouncerModel } from "../../../client/ui/announcer_model.ts";
import { keptHeapBytes } from "../../support/kept_heap.ts";

describe("AnnouncerModel", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("says what comes alone, and counts what comes together", () => {
    using announcer = new AnnouncerModel();
    announcer.arrived("General", "Ana: hello");
    announcer.arrived("General", "Bo: hi");
    for (let i = 0; i < 3; i++) announcer.arrived("Harbour", `Cy: ${i}`);
    expect(announcer.text.value).toBe("");
    vi.advanceTimersByTime(ANNOUNCE_BATCH_MS);
    expect(announcer.text.value).toBe("Ana: hello. Bo: hi. 3 new messages in Harbour");
    announcer.arrived("Harbour", "Cy: again");
    vi.advanceTimersByTime(ANNOUNCE_BATCH_MS);
    expect(announcer.text.value).toBe("Cy: again");
  });

  it("keeps no more of what comes than it will say, however late its timer is", async () => {
    using announcer = new AnnouncerModel();
    const count = 10_000;
    const keptBytes = await keptHeapBytes(() => {
      for (let i = 0; i < count; i++) announcer.arrived("General", `Ana: ${crypto.randomUUID()}`);
    });
    expect(keptBytes / count).toBeLessThan(20);
    vi.advanceTimersByTime(ANNOUNCE_BATCH_MS);
    expect(announcer.text.value).toBe(`${count} new messages in General`);
  });
});
