import { describeFindings } from "./describe_findings.ts";
import type { Findings } from "./findings.ts";
import { judgeFindings } from "./judge_findings.ts";

const MARKS = { good: "OK", warn: "Warning", bad: "Problem" } as const;

/** What the report is about besides the findings. */
export interface ReportContext {
  /** Epoch time in milliseconds. */
  readonly now: number;
  readonly userAgent: string;
}

/** Writes the findings as text, to send to an administrator. It has no address of this device. */
export function writeReport(findings: Findings, { now, userAgent }: ReportContext): string {
  const checks = describeFindings(findings).map(({ title, mark, lines }) =>
    `${title}: ${mark === null ? "not tested" : [MARKS[mark], ...lines].join("\n  ")}`
  );
  return [
    `Call doctor, ${new Date(now).toISOString()}`,
    judgeFindings(findings).sentence,
    "",
    ...checks,
    "",
    userAgent,
  ].join("\n");
}
