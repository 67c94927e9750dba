import { describe, expect, it } from "vitest";
import type { Findings, PathFinding, ServerFinding } from "../../../../client/calls/doctor/findings.ts";
import { judgeFindings } from "../../../../client/calls/doctor/judge_findings.ts";
import type { CaptureFailure, FailureReason } from "../../../../client/calls/media/capture_failure.ts";

const FIGURES = {
  roundTripMs: 20,
  lossPercent: 0,
  sentBitsPerSecond: 500_000,
  receivedBitsPerSecond: 500_000,
  localType: "host",
  remoteType: "host",
  protocol: "udp",
  relayProtocol: null,
};
const DIRECT: PathFinding = { relayUrl: null, figures: FIGURES };
const STUN: ServerFinding = {
  url: "stun:a",
  kind: "stun",
  transport: "udp",
  state: "works",
  afterMs: 9,
  errorCode: null,
};
const UDP: ServerFinding = { ...STUN, url: "turn:a", kind: "turn", state: "refuses", errorCode: 401 };
const TCP: ServerFinding = { ...UDP, url: "turn:a?transport=tcp", transport: "tcp" };
const TLS: ServerFinding = { ...UDP, url: "turns:a", transport: "tls" };
const ALL = [STUN, UDP, TCP, TLS];

const dead = (server: ServerFinding): ServerFinding => ({
  ...server,
  state: "unreachable",
  afterMs: null,
  errorCode: null,
});
const works = (server: ServerFinding): ServerFinding => ({ ...server, state: "works", errorCode: null });
const answers = (state: "stale" | "full" | "fails", errorCode: number, server = UDP): ServerFinding => ({
  ...server,
  state,
  errorCode,
});
const tested = (servers: readonly ServerFinding[], hasCredentials = false): Partial<Findings> => ({
  servers: { state: "tested", servers, hasCredentials },
});
const relayed = (figures: Partial<typeof FIGURES> | null): PathFinding => ({
  relayUrl: "turn:a",
  figures: figures && { ...FIGURES, localType: "relay", ...figures },
});
const failure = (kind: "mic" | "cam", reason: FailureReason): CaptureFailure => ({
  kind,
  reason,
  browser: "chrome",
  isPhone: false,
  label: null,
});

const FINE: Findings = {
  support: "fine",
  isOnline: true,
  microphone: { state: "works", label: "Headset" },
  camera: { state: "works", label: "Lid" },
  speaker: "heard",
  ring: null,
  notifications: "granted",
  servers: { state: "tested", servers: ALL.map(works), hasCredentials: true },
  paths: [DIRECT, { relayUrl: "turn:a", figures: { ...FIGURES, localType: "relay" } }],
};
const mic = (reason: FailureReason): Partial<Findings> => ({
  microphone: { state: "failed", failure: failure("mic", reason) },
});

const CASES:
  readonly (readonly [what: string, level: string, sentence: RegExp, change: Partial<Findings>])[] = [
    ["nothing is wrong", "good", /^Everything works: you are ready/, {}],
    ["there is no relay", "good", /without a relay/, tested([STUN])],
    ["the page is not secure", "bad", /https:\/\//, { support: "insecure", ...mic("unsupported") }],
    ["the browser is old", "bad", /use a current Firefox/, { support: "no_webrtc" }],
    ["the device is offline", "bad", /offline/, { isOnline: false, servers: { state: "failed" } }],
    ["the browser is wrong about being offline", "good", /^Everything works/, { isOnline: false }],
    ["WebRTC is blocked", "bad", /extension, VPN or policy/, { paths: [{ relayUrl: null, figures: null }] }],
    ["the microphone is refused", "bad", /may not use your microphone: click the icon/, mic("refused")],
    ["there is no microphone", "bad", /No microphone was found: connect it/, mic("missing")],
    ["another program has the microphone", "bad", /in use by another program: close/, mic("busy")],
    [
      "no address is known without a permission",
      "bad",
      /may not use your microphone/,
      { ...mic("refused"), paths: [{ relayUrl: null, figures: null }] },
    ],
    ["the microphone is silent", "bad", /No sound comes from “Headset”/, {
      microphone: { state: "silent", label: "Headset" },
    }],
    ["the chat server is away", "bad", /chat server did not answer/, { servers: { state: "failed" } }],
    ["nothing is configured", "warn", /within one network only/, tested([])],
    ["STUN alone, and blocked", "bad", /blocks the STUN server/, tested([dead(STUN)])],
    ["every server is blocked", "bad", /blocks every server/, tested(ALL.map(dead))],
    ["UDP is blocked", "warn", /blocks UDP/, tested([dead(STUN), dead(UDP), TCP, TLS])],
    ["UDP and plain TCP are blocked", "warn", /blocks UDP/, tested([dead(STUN), dead(UDP), dead(TCP), TLS])],
    ["no relay by UDP is configured", "good", /^Everything works/, tested([STUN, works(TLS)], true)],
    [
      "TLS alone is away",
      "warn",
      /does not answer by TLS/,
      tested([STUN, works(UDP), works(TCP), dead(TLS)], true),
    ],
    [
      "a relay asks for credentials, which are for calls only",
      "open",
      /test again during a call/,
      { ...tested(ALL), paths: [DIRECT] },
    ],
    ["the relay is away", "warn", /relay does not answer/, tested([STUN, dead(UDP), dead(TCP), dead(TLS)])],
    ["STUN is away", "warn", /STUN server does not answer/, tested([dead(STUN), UDP, TCP])],
    ["one relay is away", "warn", /relay does not answer by TCP/, tested([STUN, UDP, dead(TCP), TLS])],
    ["the relay has another secret", "warn", /TURN_SECRET/, tested(ALL, true)],
    ["the relay is full", "warn", /user-quota/, tested([STUN, answers("full", 486)], true)],
    ["the relay forgets its nonces", "warn", /expired/, tested([STUN, answers("stale", 438)], true)],
    ["the relay has another error", "warn", /error 500/, tested([STUN, answers("fails", 500)], true)],
    ["the relay fails before it asks for credentials", "warn", /error 403/, tested([answers("fails", 403)])],
    [
      "one address of the relay is full, another one works",
      "good",
      /^Everything works/,
      tested([STUN, answers("full", 486), works(TCP)], true),
    ],
    [
      "the relay passes nothing on",
      "warn",
      /passes nothing on/,
      { ...tested(ALL.map(works), true), paths: [DIRECT, relayed(null)] },
    ],
    [
      "one of two relays passes everything on",
      "good",
      /^Everything works/,
      { ...tested(ALL.map(works), true), paths: [DIRECT, relayed(null), relayed({})] },
    ],
    [
      "the network loses packets",
      "warn",
      /loses 8% of what calls send/,
      { ...tested(ALL.map(works), true), paths: [DIRECT, relayed({ lossPercent: 8.2 })] },
    ],
    [
      "the way is long",
      "warn",
      /takes 700 ms/,
      { ...tested(ALL.map(works), true), paths: [DIRECT, relayed({ roundTripMs: 700 })] },
    ],
    ["the tone was not heard", "warn", /did not hear the tone/, { speaker: "unheard" }],
    ["there is no speaker", "warn", /finds no speaker/, { speaker: "no_output" }],
    ["the browser cannot listen", "warn", /finds no speaker/, {
      microphone: { state: "unmeasured", label: "Headset" },
      speaker: null,
    }],
    ["the ring was missed", "warn", /Nobody answered the test ring/, { ring: "missed" }],
    ["the ring was noticed", "good", /^Everything works/, { ring: "noticed" }],
    ["there is no camera", "warn", /No camera was found/, {
      camera: { state: "failed", failure: failure("cam", "missing") },
    }],
    ["the camera is covered", "warn", /“Lid” does not change/, { camera: { state: "silent", label: "Lid" } }],
    ["notifications are blocked", "warn", /Notifications are blocked/, { notifications: "denied" }],
    ["notifications were not asked for", "good", /^Everything works/, { notifications: "default" }],
    ["the microphone matters more than the camera", "bad", /microphone/, {
      ...mic("missing"),
      camera: { state: "failed", failure: failure("cam", "refused") },
      speaker: "unheard",
    }],
    ["nobody has said whether the tone was heard", "open", /play the tone/, { speaker: null }],
    ["somebody is signed out", "open", /sign in to test the network/, { servers: { state: "signed_out" } }],
    ["tests go on", "open", /^Testing/, { camera: null, paths: null }],
    ["nothing was tested", "open", /Nothing was tested/, { microphone: null, servers: null, camera: null }],
  ];

describe("the call doctor's sentence", () => {
  it.for(CASES)("when %s", ([, level, sentence, change]) => {
    const verdict = judgeFindings({ ...FINE, ...change });
    expect(verdict).toEqual({ level, sentence: expect.stringMatching(sentence) });
    expect(verdict.sentence).toMatch(/[.…]$/);
  });
});
