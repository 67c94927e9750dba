import { describe, expect, it } from "vitest";
import { cpuUsage } from "node:process";
import { highlightCode } from "../../../client/ui/markdown/highlighter.ts";
import { parseMarkdown } from "../../../shared/markdown/parse.ts";
import { plainBlocks } from "../../../shared/markdown/tree.ts";
import { findMentions, listMentionCandidates } from "../../../shared/mentions.ts";
import { MESSAGE_MAX_CODE_POINTS } from "../../../shared/limits.ts";
import { foldName } from "../../../shared/names.ts";
import { PATHOLOGICAL, PATHOLOGICAL_MIXTURES } from "./nasty_texts.ts";

const PARSE_MAX_MS = 10;
const COLOUR_MAX_MS = 100;
const TEXTS = [...Object.values(PATHOLOGICAL), ...PATHOLOGICAL_MIXTURES];

/**
 * The middle of several runs. The clock counts what other programs do meanwhile, and CPU time what other threads of
 * this one do; both are above the truth, so the smaller one is taken.
 */
function timeOf(run: () => void): number {
  const times = Array.from({ length: 7 }, () => {
    const cpuBefore = cpuUsage();
    const startedAt = performance.now();
    run();
    const wallMs = performance.now() - startedAt;
    const { user, system } = cpuUsage(cpuBefore);
    return Math.min(wallMs, (user + system) / 1_000);
  });
  return times.toSorted((a, b) => a - b)[3] ?? Infinity;
}

/** Those of the texts that take longer than they may, each with its time. */
function slowOnes(texts: readonly string[], maxMs: number, run: (text: string) => void): string[] {
  for (const text of texts) run(text.slice(0, 400));
  return texts.flatMap((text) => {
    let ms = timeOf(() => run(text));
    // What else the machine does comes and goes; a slow text stays slow.
    for (let tries = 0; tries < 4 && ms > maxMs; tries++) ms = Math.min(ms, timeOf(() => run(text)));
    return ms > maxMs ? [`${ms.toFixed(1)} ms: ${JSON.stringify(text.slice(0, 60))}`] : [];
  });
}

describe("texts of 4,000 characters made to be slow", () => {
  it("are as long as a message may be", () => {
    for (const text of TEXTS) expect(text.length).toBeGreaterThan(1_000);
    expect(Math.max(...TEXTS.map((text) => text.length))).toBe(MESSAGE_MAX_CODE_POINTS);
  });

  it("take at most 10 ms to parse", () => {
    expect(slowOnes(TEXTS, PARSE_MAX_MS, parseMarkdown)).toEqual([]);
  });

  it("take at most 10 ms to look for mentions in, and to fold", () => {
    const people = new Map<string, never>();
    expect(slowOnes(TEXTS, PARSE_MAX_MS, (text) => listMentionCandidates(text, foldName))).toEqual([]);
    expect(slowOnes(TEXTS, PARSE_MAX_MS, (text) => findMentions(text, people, foldName))).toEqual([]);
    expect(slowOnes(TEXTS, PARSE_MAX_MS, foldName)).toEqual([]);
  });

  it.each(["markdown", "ini", "java", "typescript", "csharp", "cpp"])(
    "are no trouble as code in %s",
    (name) => {
      const texts = ["[](", "_", "a-_", "0x", "www.", "a b", '"\\'].flatMap((part) => [
        part.repeat(1_400).slice(0, 4_000),
        `${part.repeat(70).slice(0, 199)}\n`.repeat(20),
      ]);
      expect(slowOnes(texts, COLOUR_MAX_MS, (text) => void highlightCode(text, name))).toEqual([]);
    },
  );
});

describe("long texts that people write", () => {
  it.each([
    ["a list", "- buy **milk** and bread\n".repeat(50)],
    ["a report", "The tide was *late* by [an hour](https://a.example/tides), see `log.txt`. ".repeat(25)],
    ["a log in a fence", "```\n" + "2026-01-01 [info] a_b: *x* [y]\n".repeat(120) + "```"],
    ["paragraphs", "We met at noon, and nobody had read it.\n\n".repeat(60)],
  ])("are drawn with their marks: %s", (_, text) => {
    expect(parseMarkdown(text)).not.toEqual(plainBlocks(text));
  });
});
