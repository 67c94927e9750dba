import { describe, expect, it } from "vitest";
import { ExpectedFiles } from "../../../../client/calls/files/expected_files.ts";
import { isInterrupted, isSettled, spaceProblem } from "../../../../client/calls/files/file_card.ts";
import type { FileCard } from "../../../../client/calls/files/file_card.ts";
import { FileRates } from "../../../../client/calls/files/file_rates.ts";
import { describeFile } from "../../../../client/calls/files/file_words.ts";
import type { UserId } from "../../../../shared/ids.ts";

const ana = "ana-person-00001" as UserId;
const card = (changes: Partial<FileCard>): FileCard => ({
  key: "in ana 1",
  fileId: "1",
  peerId: ana,
  isIncoming: true,
  name: "plan.pdf",
  size: 12_000_000,
  phase: "offered",
  isConnected: true,
  doneBytes: 0,
  bytesPerSecond: null,
  failure: null,
  isHeld: false,
  space: null,
  isKept: false,
  isSaved: false,
  hasHandle: false,
  ...changes,
});

describe("words for a file", () => {
  it.each<[string, Partial<FileCard>]>([
    ["12 MB", {}],
    ["Not enough space: needs 1.2 GB, 300 MB free", { space: { neededBytes: 1.2e9, freeBytes: 3e8 } }],
    ["Waiting for Ana to accept", { isIncoming: false }],
    ["12 MB, begins soon", { phase: "receiving" }],
    ["3 MB of 12 MB", { phase: "receiving", doneBytes: 3e6 }],
    ["3 MB of 12 MB · 1.5 MB/s · 6 s left", { phase: "receiving", doneBytes: 3e6, bytesPerSecond: 1.5e6 }],
    ["Interrupted. Goes on when Ana is back.", { phase: "receiving", isConnected: false }],
    ["3 MB of 12 MB. Waiting for Ana to go on.", { phase: "awaited", doneBytes: 3e6 }],
    ["Another tab receives it. It goes on here when that one stops.", { phase: "receiving", isHeld: true }],
    ["12 MB from Ana. Save it within a day.", { phase: "done", isKept: true }],
    ["12 MB, saved", { phase: "done", isKept: true, isSaved: true }],
    ["No longer kept here", { phase: "done" }],
    ["Arrived damaged. Ask Ana to send it again.", { phase: "damaged" }],
    ["There is no space left on this device.", { phase: "failed", failure: "storage_full" }],
    ["It got stuck. Send it again.", { phase: "failed" }],
  ])("says %s", (words, changes) => expect(describeFile(card(changes), "Ana", false)).toBe(words));

  it("do not wait for the other person where one can go on", () => {
    const interrupted = card({ phase: "receiving", isConnected: false, doneBytes: 3_000_000 });
    expect(describeFile(interrupted, "Ana", true)).toBe("Interrupted at 3 MB of 12 MB");
    expect(describeFile(card({ phase: "done", isKept: true, isSaved: true }), "Ana", true)).toBe(
      "12 MB, saved",
    );
  });

  it.each<[boolean, Partial<FileCard>]>([
    [true, { phase: "receiving", isConnected: false }],
    [true, { phase: "interrupted", isConnected: false, isIncoming: false }],
    [false, { phase: "receiving" }],
    [false, { phase: "receiving", isConnected: false, isHeld: true }],
    [false, { phase: "offered", isConnected: false }],
  ])("can be gone on with: %s", (can, changes) => expect(isInterrupted(card(changes))).toBe(can));

  it("count what is accepted already as space that is gone", () => {
    const coming = card({ phase: "receiving", doneBytes: 2_000_000 });
    expect(spaceProblem(card({}), [coming], 22_000_000)).toBeNull();
    expect(spaceProblem(card({}), [coming], 21_000_000)).toEqual({
      neededBytes: 12_000_000,
      freeBytes: 11_000_000,
    });
    expect(spaceProblem(card({}), [coming], null)).toBeNull();
  });

  it("are cleared only when there is nothing left to save", () => {
    const done = card({ phase: "done", isKept: true });
    expect([done, { ...done, isSaved: true }, card({ phase: "declined" }), card({})].map(isSettled)).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });
});

describe("the rate of a file", () => {
  it("is that of the last seconds, and begins again after an interruption", () => {
    const rates = new FileRates();
    const rateAt = (atMs: number, doneBytes: number) =>
      rates.follow([card({ phase: "receiving", doneBytes })], atMs)[0]?.bytesPerSecond;
    expect(rateAt(0, 0)).toBeNull();
    expect(rateAt(1_000, 1_000)).toBe(1_000);
    for (let second = 2; second <= 10; second++) rateAt(second * 1_000, 1_000 + second * 5_000);
    expect(rateAt(11_000, 56_000)).toBe(5_000);
    expect(rateAt(11_500, 10)).toBeNull();
    rates.follow([card({ phase: "checking" })], 12_000);
    expect(rateAt(12_500, 10)).toBeNull();
  });
});

describe("files that were accepted before there was a path", () => {
  it("are accepted by name and size of this person, each once", () => {
    const files = new ExpectedFiles();
    files.expect(ana, [{ name: "../a.txt", bytes: 1 }, { name: "b.txt", bytes: 2 }]);
    expect(files.take("bo-person-000001" as UserId, { name: "b.txt", size: 2 })).toBe(false);
    expect(files.take(ana, { name: "b.txt", size: 3 })).toBe(false);
    expect(files.take(ana, { name: ".._a.txt", size: 1 })).toBe(true);
    expect(files.take(ana, { name: ".._a.txt", size: 1 })).toBe(false);
    files.expect(ana, []);
    expect(files.take(ana, { name: "b.txt", size: 2 })).toBe(false);
  });
});
