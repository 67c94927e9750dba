import { describeCaptureFailure } from "../media/describe_capture_failure.ts";
import type { CaptureFailure } from "../media/capture_failure.ts";
import type { Findings, PathFinding, ServerFinding } from "./findings.ts";

/** What the findings come to, in one sentence. */
export interface Verdict {
  /** `bad`: calls fail; `warn`: they work with a restriction; `open`: something was not tested yet. */
  readonly level: "bad" | "warn" | "good" | "open";
  readonly sentence: string;
}

/** A way that loses more than this is heard. */
const LOSS_MAX_PERCENT = 5;
/** People begin to interrupt each other at delays of this kind. */
const ROUND_TRIP_MAX_MS = 400;

/** Returns the most important of what is wrong, and what to do about it; or that nothing is. */
export function judgeFindings(findings: Findings): Verdict {
  for (const judge of JUDGES) {
    const verdict = judge(findings);
    if (verdict !== null) return verdict;
  }
  return judgeRest(findings);
}

/** What hinders calls most comes first. */
const JUDGES: readonly ((findings: Findings) => Verdict | null)[] = [
  judgeSupport,
  judgeDirectWay,
  judgeMicrophone,
  judgeServers,
  judgeRelays,
  judgeSpeaker,
  judgeCamera,
  judgeWays,
  judgeNotifications,
  judgeRing,
];

function judgeSupport({ support, isOnline, servers }: Findings): Verdict | null {
  if (support === "insecure") {
    return bad("Browsers allow calls over HTTPS only: open this page by its https:// address.");
  }
  if (support === "no_webrtc") {
    return bad("This browser cannot make calls: use a current Firefox, Chrome, Edge or Safari.");
  }
  // Browsers are wrong about this now and then, so an answer of the server counts more.
  return isOnline || servers?.state !== "failed"
    ? null
    : bad("This device is offline: connect it to a network, then test again.");
}

function judgeDirectWay({ microphone, paths }: Findings): Verdict | null {
  // Without permission to use a device, browsers hide local addresses, and this test proves nothing.
  if (microphone === null || microphone.state === "failed") return null;
  const direct = paths?.find(({ relayUrl }) => relayUrl === null);
  if (direct === undefined || direct.figures !== null) return null;
  return bad(
    "Something in this browser blocks calls: turn off the extension, VPN or policy that disables WebRTC, then test again.",
  );
}

function judgeMicrophone({ microphone }: Findings): Verdict | null {
  if (microphone?.state === "failed") return bad(inOneSentence(microphone.failure));
  if (microphone?.state !== "silent") return null;
  return bad(
    `No sound comes from “${microphone.label}”: unmute it or choose another microphone, then speak and test again.`,
  );
}

function judgeServers({ servers }: Findings): Verdict | null {
  if (servers?.state === "failed") {
    return bad("The chat server did not answer: check the connection, then test again.");
  }
  if (servers?.state !== "tested") return null;
  const { stun, relays } = byKind(servers.servers);
  if (stun.length + relays.length === 0) {
    return warn(
      "Calls work within one network only: ask your administrator to set up STUN and a relay (TURN).",
    );
  }
  const reached = servers.servers.filter(isReached);
  if (reached.length === 0) {
    return bad(
      relays.length === 0
        ? "This network blocks the STUN server, so calls to other networks fail: allow UDP, or use another network."
        : "This network blocks every server that calls need: use another network, or ask for UDP and TCP to them to be allowed.",
    );
  }
  const usesUdp = reached.some(({ transport }) => transport === "udp");
  if (!usesUdp && servers.servers.some(({ transport }) => transport === "udp")) {
    return warn(
      "This network blocks UDP, so calls go by a slower way over TCP: allow UDP, or use another network.",
    );
  }
  if (relays.length > 0 && !relays.some(isReached)) {
    return warn(
      "The relay does not answer, so calls to people behind a strict firewall fail: tell your administrator.",
    );
  }
  if (stun.length > 0 && !stun.some(isReached)) {
    return warn("The STUN server does not answer, so calls go through the relay: tell your administrator.");
  }
  const missed = relays.filter((server) => !isReached(server)).map(({ transport }) =>
    transport.toUpperCase()
  );
  if (missed.length === 0) return null;
  return warn(
    `The relay does not answer by ${
      missed[0]
    }, so calls fail where a network allows only that: tell your administrator.`,
  );
}

function judgeRelays({ servers, paths }: Findings): Verdict | null {
  if (servers?.state !== "tested") return null;
  const reached = byKind(servers.servers).relays.filter(isReached);
  const works = reached.some((server) => isUsable(server, servers.hasCredentials));
  const [first] = reached;
  if (first !== undefined && !works) return warn(describeRelayError(first));
  const relayed = (paths ?? []).filter(({ relayUrl }) => relayUrl !== null);
  if (relayed.length > 0 && relayed.every(({ figures }) => figures === null)) {
    return warn(
      "The relay answers but passes nothing on: ask your administrator to open its relay ports and to check the addresses that it denies.",
    );
  }
  return null;
}

function describeRelayError({ state, errorCode }: ServerFinding): string {
  switch (state) {
    case "refuses":
      return "The relay refuses the credentials of this server: ask your administrator to compare TURN_SECRET with the relay's.";
    case "full":
      return "The relay is full, so some calls fail: ask your administrator to raise its user-quota and total-quota.";
    case "stale":
      return "The relay calls the credentials of this server expired: test again, and tell your administrator if that does not help.";
    default:
      return `The relay answers with error ${errorCode}, so calls through it fail: tell your administrator.`;
  }
}

function judgeSpeaker({ speaker, microphone }: Findings): Verdict | null {
  // Browsers that have nothing to play sound on do not listen to a microphone either.
  if (speaker === "no_output" || microphone?.state === "unmeasured") {
    return warn("This browser finds no speaker: connect one or a headset, then test again.");
  }
  return speaker !== "unheard"
    ? null
    : warn("You did not hear the tone: turn up the volume, or choose another speaker, and play it again.");
}

function judgeCamera({ camera }: Findings): Verdict | null {
  if (camera?.state === "failed") return warn(inOneSentence(camera.failure));
  if (camera?.state !== "silent") return null;
  return warn(`The picture of “${camera.label}” does not change: uncover the camera, or choose another one.`);
}

/** A way within one device has no delay and no loss, so only relayed ones tell something. */
function judgeWays({ paths }: Findings): Verdict | null {
  const relayed = (paths ?? []).filter(isRelayed);
  if (relayed.length === 0) return null;
  if (relayed.every(({ figures }) => (figures.lossPercent ?? 0) > LOSS_MAX_PERCENT)) {
    const percent = Math.round(Math.min(...relayed.map(({ figures }) => figures.lossPercent ?? 0)));
    return warn(
      `This network loses ${percent}% of what calls send: move closer to the Wi-Fi, or use a cable.`,
    );
  }
  const roundTrips = relayed.map(({ figures }) => figures.roundTripMs ?? 0);
  if (Math.min(...roundTrips) > ROUND_TRIP_MAX_MS) {
    return warn(
      `The way to the relay and back takes ${
        Math.round(Math.min(...roundTrips))
      } ms, so people will interrupt each other: use a faster network.`,
    );
  }
  return null;
}

function judgeNotifications({ notifications }: Findings): Verdict | null {
  return notifications !== "denied" ? null : warn(
    "Notifications are blocked, so you may miss calls while this tab is hidden: allow them with the icon beside the address.",
  );
}

function judgeRing({ ring }: Findings): Verdict | null {
  return ring !== "missed"
    ? null
    : warn("Nobody answered the test ring: turn up the volume and allow notifications, then ring again.");
}

function judgeRest({ microphone, camera, speaker, servers, paths }: Findings): Verdict {
  if (microphone === null && servers === null) return open("Nothing was tested yet.");
  if (microphone === null || camera === null || servers === null || paths === null) {
    return open("Testing …");
  }
  if (speaker === null) return open("No problem found so far: play the tone to test the speaker too.");
  if (servers.state === "signed_out") {
    return open("This device is ready for calls: sign in to test the network too.");
  }
  const hasRelay = servers.state === "tested" && byKind(servers.servers).relays.length > 0;
  if (hasRelay && !servers.hasCredentials) {
    return open("No problem found so far: test again during a call to test the relay too.");
  }
  return good(
    hasRelay
      ? "Everything works: you are ready for calls."
      : "Everything works here, but without a relay (TURN), calls to people behind a strict firewall may fail.",
  );
}

function byKind(servers: readonly ServerFinding[]) {
  return {
    stun: servers.filter(({ kind }) => kind === "stun"),
    relays: servers.filter(({ kind }) => kind === "turn"),
  };
}

/** Whether a server can be reached, for whoever has credentials. */
function isReached({ state }: ServerFinding): boolean {
  return state !== "unreachable";
}

/** Whether nothing is known against a server. Without credentials, to be refused is all that a relay can do. */
export function isUsable({ state }: ServerFinding, hasCredentials: boolean): boolean {
  return state === "works" || state === "refuses" && !hasCredentials;
}

function isRelayed(
  path: PathFinding,
): path is PathFinding & { figures: NonNullable<PathFinding["figures"]> } {
  return path.relayUrl !== null && path.figures !== null;
}

function inOneSentence(failure: CaptureFailure): string {
  const { title, advice } = describeCaptureFailure(failure);
  return `${title}: ${advice.charAt(0).toLowerCase()}${advice.slice(1)}`;
}

const bad = (sentence: string): Verdict => ({ level: "bad", sentence });
const warn = (sentence: string): Verdict => ({ level: "warn", sentence });
const good = (sentence: string): Verdict => ({ level: "good", sentence });
const open = (sentence: string): Verdict => ({ level: "open", sentence });
