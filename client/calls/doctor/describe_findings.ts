import { describeCaptureFailure } from "../media/describe_capture_failure.ts";
import { describeRoute, formatBitRate, formatPercent } from "./describe_route.ts";
import type { DeviceFinding, Findings, PathFinding, ServerFinding } from "./findings.ts";
import { isUsable } from "./judge_findings.ts";

/** What is tested. */
export type CheckName =
  | "microphone"
  | "camera"
  | "speaker"
  | "ring"
  | "notifications"
  | "stun"
  | "relay"
  | "call";

/** One test and what it found. */
export interface DescribedCheck {
  readonly name: CheckName;
  readonly title: string;
  /** Null before the test. */
  readonly mark: "good" | "warn" | "bad" | null;
  readonly lines: readonly string[];
}

/** Describes each test and what it found, for people who want to know more than the verdict. */
export function describeFindings(findings: Findings): readonly DescribedCheck[] {
  const { microphone, camera, servers } = findings;
  return [
    {
      name: "microphone",
      title: "Microphone",
      ...describeDevice(microphone, "Others hear you through it.", "No sound comes from it."),
    },
    {
      name: "camera",
      title: "Camera",
      ...describeDevice(camera, "Others see you through it.", "Its picture does not change."),
    },
    { name: "speaker", title: "Speaker", ...describeSpeaker(findings) },
    { name: "ring", title: "Ring", ...describeRing(findings) },
    { name: "notifications", title: "Notifications", ...describeNotifications(findings) },
    {
      name: "stun",
      title: "Address lookup (STUN)",
      ...describeServers(servers, "stun", "Tells your browser its public address."),
    },
    {
      name: "relay",
      title: "Relay (TURN)",
      ...describeServers(servers, "turn", "Carries calls where there is no direct way."),
    },
    { name: "call", title: "Test call", ...describePaths(findings.paths) },
  ];
}

type Described = Pick<DescribedCheck, "mark" | "lines">;

function describeDevice(finding: DeviceFinding | null, purpose: string, silence: string): Described {
  switch (finding?.state) {
    case "works":
      return { mark: "good", lines: [finding.label] };
    case "silent":
      return { mark: "bad", lines: [finding.label, silence] };
    case "unmeasured":
      return {
        mark: "warn",
        lines: [finding.label, "It is on, but this browser cannot tell whether there is sound."],
      };
    case "failed": {
      const { title, advice } = describeCaptureFailure(finding.failure);
      return { mark: finding.failure.kind === "mic" ? "bad" : "warn", lines: [`${title}.`, advice] };
    }
    default:
      return { mark: null, lines: [purpose] };
  }
}

function describeSpeaker({ speaker }: Findings): Described {
  if (speaker === null) return { mark: null, lines: ["Plays a tone."] };
  if (speaker === "no_output") return { mark: "warn", lines: ["There is nothing to play the tone on."] };
  return speaker === "heard"
    ? { mark: "good", lines: ["You heard the tone."] }
    : { mark: "warn", lines: ["You did not hear the tone."] };
}

function describeRing({ ring }: Findings): Described {
  if (ring === null) return { mark: null, lines: ["Rings this device as a call would."] };
  return ring === "noticed"
    ? { mark: "good", lines: ["You noticed it."] }
    : { mark: "warn", lines: ["Nobody answered."] };
}

function describeNotifications({ notifications }: Findings): Described {
  switch (notifications) {
    case "granted":
      return { mark: "good", lines: ["Allowed, so you notice calls while this tab is hidden."] };
    case "denied":
      return { mark: "warn", lines: ["Blocked in this browser."] };
    case "unsupported":
      return { mark: "warn", lines: ["This browser has none."] };
    default:
      return { mark: null, lines: ["Not allowed yet. They show calls while this tab is hidden."] };
  }
}

function describeServers(
  servers: Findings["servers"],
  kind: ServerFinding["kind"],
  purpose: string,
): Described {
  if (servers === null) return { mark: null, lines: [purpose] };
  if (servers.state === "signed_out") return { mark: null, lines: ["Sign in to test it."] };
  if (servers.state === "failed") return { mark: "bad", lines: ["The chat server did not answer."] };
  const tested = servers.servers.filter((server) => server.kind === kind);
  if (tested.length === 0) return { mark: "warn", lines: ["This workspace has none."] };
  const hasOne = tested.some((server) => isUsable(server, servers.hasCredentials));
  const lines = tested.map((server) =>
    `${formatServer(server)}: ${describeState(server, servers.hasCredentials)}`
  );
  return { mark: hasOne ? "good" : "bad", lines };
}

const ERRORS = {
  refuses: "refuses the credentials",
  stale: "calls the credentials expired",
  full: "is full",
  fails: "fails",
} as const;

function describeState(server: ServerFinding, hasCredentials: boolean): string {
  const { state, afterMs, errorCode } = server;
  if (state === "unreachable" || afterMs === null) return "no answer";
  return state === "works" || isUsable(server, hasCredentials)
    ? `answers after ${Math.max(1, Math.round(afterMs))} ms`
    : `${ERRORS[state]} (error ${errorCode})`;
}

function formatServer({ url, transport }: ServerFinding): string {
  const [address = ""] = url.slice(url.indexOf(":") + 1).split("?");
  return `${transport.toUpperCase()} ${address}`;
}

function describePaths(paths: readonly PathFinding[] | null): Described {
  if (paths === null) return { mark: null, lines: ["Calls this page itself, and measures the way."] };
  const worksCount = paths.filter(({ figures }) => figures !== null).length;
  const mark = worksCount === paths.length ? "good" : worksCount === 0 ? "bad" : "warn";
  return { mark, lines: paths.map(describePath) };
}

function describePath({ relayUrl, figures }: PathFinding): string {
  if (figures === null) return `${relayUrl === null ? "Direct" : `Through ${relayUrl}`}: no connection`;
  const { roundTripMs, lossPercent, sentBitsPerSecond, receivedBitsPerSecond } = figures;
  const measured = [
    roundTripMs === null ? null : `${Math.max(1, Math.round(roundTripMs))} ms`,
    lossPercent === null ? null : `${formatPercent(lossPercent)} lost`,
    `${formatBitRate(sentBitsPerSecond)} sent`,
    `${formatBitRate(receivedBitsPerSecond)} received`,
  ];
  return `${describeRoute(figures) ?? "Unknown"}: ${measured.filter((text) => text !== null).join(", ")}`;
}
