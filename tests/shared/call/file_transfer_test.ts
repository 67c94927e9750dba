import { Buffer } from "node:buffer";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  CHUNK_BYTES,
  encodeChunk,
  FILE_MAX_BYTES,
  parseChunk,
  parseFileMessage,
} from "../../../shared/call/file_message.ts";
import { HIGH_MARK_BYTES, STUCK_MS } from "../../../shared/call/file_transfer.ts";
import type { FilesEvent } from "../../../shared/call/file_transfer.ts";
import { connectedSides, reopen, settle } from "./simulated_files.ts";
import type { FileSide } from "./simulated_files.ts";

const FILE = "file000000000000";
const OTHER = "file000000000001";

function bytesOf(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8) * seed) & 255);
}

/** Compares large arrays, for which toEqual() takes seconds. */
function isSame(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && Buffer.compare(a, b) === 0;
}

function phases(side: FileSide): string[] {
  return [...side.state.outgoing, ...side.state.incoming].map(({ phase }) => phase);
}

function acceptAll(side: FileSide): void {
  for (const { fileId } of side.state.incoming) side.handle({ type: "accept", fileId });
}

describe("reduceFiles()", () => {
  it("offers, waits for an act, sends, compares and is done", () => {
    const { ana, bo } = connectedSides();
    const bytes = bytesOf(300_000);
    ana.offer(FILE, "report.pdf", bytes);
    settle([ana, bo]);
    expect([phases(ana), phases(bo), bo.disk.size]).toEqual([["offered"], ["offered"], 0]);
    bo.handle({ type: "accept", fileId: FILE });
    settle([ana, bo]);
    expect([phases(ana), phases(bo)]).toEqual([["done"], ["done"]]);
    expect(isSame(bo.disk.get(FILE), bytes)).toBe(true);
  });

  it("hands over an empty file, and several at once in both directions in order", () => {
    const { ana, bo } = connectedSides();
    ana.offer(FILE, "empty", bytesOf(0));
    ana.offer(OTHER, "second", bytesOf(200_000));
    bo.offer("file000000000002", "back", bytesOf(100_000));
    settle([ana, bo]);
    for (const side of [ana, bo]) acceptAll(side);
    settle([ana, bo]);
    expect([phases(ana), phases(bo)]).toEqual([["done", "done", "done"], ["done", "done", "done"]]);
    const sent = ana.effects.flatMap((effect) => effect.type === "send_chunk" ? [effect.fileId] : []);
    expect(new Set(sent)).toEqual(new Set([OTHER]));
  });

  it("fills the channel to its high mark, and no more than the window is without acknowledgement", () => {
    const { ana, bo } = connectedSides();
    const bytes = bytesOf(6 * 1024 * 1024);
    ana.offer(FILE, "film", bytes);
    settle([ana, bo]);
    bo.handle({ type: "accept", fileId: FILE });
    settle([ana, bo], () => 0.1);
    expect(phases(bo)).toEqual(["done"]);
    expect(ana.maxBufferedBytes).toBeLessThanOrEqual(HIGH_MARK_BYTES + CHUNK_BYTES);
    expect(ana.maxBufferedBytes).toBeGreaterThan(HIGH_MARK_BYTES / 2);
  });

  it("FILE36 has 2 MiB on their way: Chromium drops most of 8 MiB when the path changes", () => {
    const { ana } = connectedSides();
    ana.sources.set(FILE, bytesOf(0));
    ana.handle({ type: "offer", fileId: FILE, name: "film", size: FILE_MAX_BYTES });
    ana.handle({ type: "message", message: { type: "accept", fileId: FILE, offset: 0 } });
    const windowBytes = 2 * 1024 * 1024;
    for (let offset = 0; offset < 8 * windowBytes; offset += CHUNK_BYTES) {
      ana.handle({ type: "chunk_sent", fileId: FILE, offset, bufferedBytes: 0 });
    }
    expect(ana.state.outgoing[0]?.sent).toBe(windowBytes);
    ana.handle({ type: "message", message: { type: "ack", fileId: FILE, offset: 256 * 1024 } });
    expect(ana.state.outgoing[0]?.sent).toBe(windowBytes + CHUNK_BYTES);
  });

  it("resumes where the receiver has stored it, however often the channel or a page is lost", {
    timeout: 120_000,
  }, () => {
    const losses = fc.array(
      fc.record({
        afterSteps: fc.nat({ max: 400 }),
        what: fc.constantFrom("channel", "reload ana", "reload bo", "cut"),
      }),
      { maxLength: 8 },
    );
    const files = [bytesOf(900_000, 3), bytesOf(150_001, 5)];
    fc.assert(
      fc.property(losses, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (all, chance) => {
        const random = () => chance.next().value ?? 0;
        const { ana, bo } = connectedSides();
        for (const [index, bytes] of files.entries()) {
          ana.offer(`file00000000000${index}`, `file ${index}`, bytes);
        }
        settle([ana, bo], random);
        acceptAll(bo);
        for (const { afterSteps, what } of all) {
          for (let step = 0; step < afterSteps; step += 1) for (const side of [ana, bo]) side.step(random);
          if (what === "reload ana") ana.reload();
          if (what === "reload bo") bo.reload();
          if (what === "cut") { for (const side of [ana, bo]) side.setChannel(false); }
          reopen(ana, bo);
        }
        settle([ana, bo], random);
        expect([phases(ana), phases(bo)]).toEqual([["done", "done"], ["done", "done"]]);
        for (const [index, bytes] of files.entries()) {
          expect(isSame(bo.disk.get(`file00000000000${index}`), bytes)).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("does not send again what is stored", () => {
    const { ana, bo } = connectedSides();
    ana.offer(FILE, "film", bytesOf(3 * 1024 * 1024));
    settle([ana, bo]);
    bo.handle({ type: "accept", fileId: FILE });
    for (let step = 0; step < 60; step += 1) for (const side of [ana, bo]) side.step(() => 0.4);
    const { stored = 0 } = bo.state.incoming[0] ?? {};
    expect(stored).toBeGreaterThan(0);
    expect(stored).toBeLessThan(3 * 1024 * 1024);
    ana.effects.length = 0;
    reopen(ana, bo);
    settle([ana, bo]);
    const first = ana.effects.find((effect) => effect.type === "send_chunk");
    expect(first).toMatchObject({ offset: stored });
    expect(phases(bo)).toEqual(["done"]);
  });

  it("says when what arrived is not what was sent, and deletes it", () => {
    const { ana, bo } = connectedSides();
    ana.offer(FILE, "report", bytesOf(100_000));
    settle([ana, bo]);
    bo.handle({ type: "accept", fileId: FILE });
    while (bo.state.incoming[0]?.stored !== 100_000) for (const side of [ana, bo]) side.step(() => 0.4);
    bo.disk.get(FILE)?.set([1, 2, 3], 500);
    settle([ana, bo]);
    expect([phases(ana), phases(bo), bo.disk.size]).toEqual([["damaged"], ["damaged"], 0]);
  });

  it("ends with an act of either side, also while there is no channel", () => {
    const acts: { who: "ana" | "bo"; type: "cancel" | "decline"; expected: string[] }[] = [
      { who: "ana", type: "cancel", expected: ["cancelled", "cancelled"] },
      { who: "bo", type: "decline", expected: ["declined", "declined"] },
      { who: "bo", type: "cancel", expected: ["declined", "cancelled"] },
    ];
    for (const { who, type, expected } of acts) {
      for (const isOpen of [true, false]) {
        const { ana, bo } = connectedSides();
        ana.offer(FILE, "report", bytesOf(10));
        settle([ana, bo]);
        if (!isOpen) { for (const side of [ana, bo]) side.setChannel(false); }
        (who === "ana" ? ana : bo).handle({ type, fileId: FILE });
        reopen(ana, bo);
        settle([ana, bo]);
        expect([...phases(ana), ...phases(bo)]).toEqual(expected);
      }
    }
  });

  it("fails when a file cannot be read or stored, or nothing moves", () => {
    for (const who of ["ana", "bo", "nobody"] as const) {
      const clock = { nowMs: 0 };
      const { ana, bo } = connectedSides(clock);
      ana.offer(FILE, "report", bytesOf(1_000_000));
      settle([ana, bo]);
      bo.handle({ type: "accept", fileId: FILE });
      for (let step = 0; step < 8; step += 1) for (const side of [ana, bo]) side.step(() => 0.4);
      if (who === "nobody") clock.nowMs += STUCK_MS;
      else (who === "ana" ? ana : bo).handle({ type: "file_failed", fileId: FILE });
      for (const side of [ana, bo]) side.tick();
      settle([ana, bo]);
      const expected = who === "bo" ? ["cancelled", "failed"] : ["failed", "cancelled"];
      expect([...phases(ana), ...phases(bo)]).toEqual(expected);
    }
  });

  it("takes nothing that was not accepted, does not fit, or comes too early", () => {
    const chunk = (offset: number, length: number): FilesEvent => ({
      type: "chunk",
      fileId: FILE,
      offset,
      length,
    });
    const complete: FilesEvent = {
      type: "message",
      message: { type: "complete", fileId: FILE, hash: "0".repeat(64) },
    };
    const refused: FilesEvent[][] = [
      [chunk(10, 10)],
      [chunk(0, 101)],
      [chunk(0, 0)],
      [complete],
      [{ type: "message", message: { type: "offer", fileId: FILE, name: "another", size: 5 } }],
    ];
    for (const events of refused) {
      const { bo } = connectedSides();
      bo.handle({ type: "message", message: { type: "offer", fileId: FILE, name: "x", size: 100 } });
      bo.handle(chunk(0, 10));
      expect(bo.effects.some(({ type }) => type === "store")).toBe(false);
      bo.handle({ type: "accept", fileId: FILE });
      bo.step(() => 0.4);
      for (const event of events) bo.handle(event);
      expect(phases(bo)).toEqual(["failed"]);
    }
  });

  it("stands the messages and chunks of anybody", () => {
    const anyEvent: fc.Arbitrary<FilesEvent> = fc.oneof(
      fc.record({
        type: fc.constant("message" as const),
        message: fc.oneof(
          fc.record({
            type: fc.constantFrom("accept" as const, "ack" as const),
            fileId: fc.constantFrom(FILE, OTHER),
            offset: fc.nat({ max: 200_000 }),
          }),
          fc.record({
            type: fc.constantFrom("decline" as const, "cancel" as const),
            fileId: fc.constantFrom(FILE, OTHER),
          }),
          fc.record({
            type: fc.constant("checked" as const),
            fileId: fc.constantFrom(FILE, OTHER),
            isEqual: fc.boolean(),
          }),
          fc.record({
            type: fc.constant("offer" as const),
            fileId: fc.constantFrom(FILE, OTHER),
            name: fc.string(),
            size: fc.nat({ max: 200_000 }),
          }),
        ),
      }),
      fc.record({
        type: fc.constant("chunk" as const),
        fileId: fc.constantFrom(FILE, OTHER),
        offset: fc.nat({ max: 200_000 }),
        length: fc.nat({ max: CHUNK_BYTES }),
      }),
    );
    fc.assert(fc.property(fc.array(anyEvent, { maxLength: 30 }), (events) => {
      const { ana } = connectedSides();
      ana.offer(FILE, "mine", bytesOf(150_000));
      for (const event of events) {
        ana.handle(event);
        ana.step(() => 0.1);
        acceptAll(ana);
        for (const { acked, sent, size, phase } of ana.state.outgoing) {
          expect(0 <= acked && acked <= size && sent <= size).toBe(true);
          // Nobody else can say that a file has arrived whose end was not sent.
          if (phase === "done") expect(sent).toBe(size);
        }
        for (const { stored, received, size } of ana.state.incoming) {
          expect(stored <= received && received <= size).toBe(true);
        }
      }
    }));
  });
});

describe("parseFileMessage() and parseChunk()", () => {
  it("read a name without what deceives", () => {
    const offer = { type: "offer", fileId: FILE, name: "../invoice\u202Efdp.exe", size: 1 };
    expect(parseFileMessage(JSON.stringify(offer))).toMatchObject({ name: ".._invoicefdp.exe" });
  });

  it("take anything from a peer without failing", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), fc.uint8Array({ maxLength: 64 }), (text, frame) => {
        parseFileMessage(text);
        parseChunk(frame);
      }),
    );
    expect(
      parseFileMessage(JSON.stringify({ type: "offer", fileId: FILE, name: "x", size: FILE_MAX_BYTES + 1 })),
    )
      .toBeNull();
  });

  it("read what encodeChunk() writes", () => {
    const bytes = bytesOf(CHUNK_BYTES);
    const offset = FILE_MAX_BYTES - CHUNK_BYTES;
    expect(parseChunk(encodeChunk({ fileId: FILE, offset, bytes }))).toEqual({ fileId: FILE, offset, bytes });
  });
});
