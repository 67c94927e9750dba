import { MESH_MAX_COUNT, MESH_PICTURES_MAX_COUNT } from "../../shared/call/mesh_limits.ts";
import type { CallEnd, CallSession, EndReason, SessionPhase } from "../../shared/call/call_state.ts";
import type { RingState } from "../../shared/call/call_types.ts";
import type { UserId } from "../../shared/ids.ts";

/** What one can do after a call that did not come about, or that broke. */
export type EndAction = "call_again" | "join_again" | "without_camera" | "leave_message" | "take_over";

/** How a call ended, in words. */
export interface EndWords {
  readonly title: string;
  readonly text: string | null;
  readonly actions: readonly EndAction[];
}

/** Where a call ended. */
export interface EndPlace {
  /** The room's name; in a direct room the other person's. */
  readonly title: string;
  readonly isDirect: boolean;
  /** True if it rang here, and was not accepted. */
  readonly wasIncoming: boolean;
  readonly hadCamera: boolean;
}

const CALL_FULL =
  `Up to ${MESH_PICTURES_MAX_COUNT} people with any pictures, or ${MESH_MAX_COUNT} with one ` +
  "camera or screen in all, can be in a call on this server.";

/** Says how a call ended; null if there is nothing to say, since the user ended it. */
export function describeEnd({ reason, code }: CallEnd, place: EndPlace): EndWords | null {
  const { title, isDirect, wasIncoming } = place;
  if (wasIncoming && reason !== "failed") return null;
  const again: readonly EndAction[] = isDirect ? ["call_again", "leave_message"] : ["join_again"];
  switch (reason) {
    case "hangup":
    case "cancelled":
    case "answered_elsewhere":
    case "declined_elsewhere":
      return null;
    case "declined":
      return { title: `${title} declined`, text: null, actions: again };
    case "busy":
      return { title: `${title} is in another call`, text: "Try again later.", actions: again };
    case "missed":
      return isDirect
        ? { title: `${title} did not answer`, text: null, actions: again }
        : { title: "Nobody answered", text: null, actions: ["join_again"] };
    case "moved":
      return {
        title: "The call goes on in another tab",
        text: null,
        actions: ["take_over"],
      };
    default:
      return describeFailure(reason, code, place);
  }
}

type Failure = Extract<EndReason, "failed" | "server_lost" | "left_room" | "kicked">;

function describeFailure(reason: Failure, code: string | null, place: EndPlace): EndWords {
  const { title, isDirect, hadCamera } = place;
  switch (reason) {
    case "server_lost":
      return {
        title: "The server could not be reached",
        text: "Check your connection, then join again.",
        actions: ["join_again"],
      };
    case "left_room":
      return { title: `You are no longer in ${title}`, text: "The call ended for you.", actions: [] };
    case "kicked":
      return { title: "You were removed from the call", text: "By a moderator of the room.", actions: [] };
    case "failed":
      if (code === "call_full") {
        return {
          title: "This call is full",
          text: CALL_FULL,
          actions: hadCamera ? ["without_camera"] : [],
        };
      }
      if (code === "sfu_away") {
        return {
          title: "Some people had to leave the call",
          text: `The media server for larger calls is away. Until it is back: ${CALL_FULL}`,
          actions: hadCamera ? ["without_camera"] : [],
        };
      }
      return {
        title: code === null ? "The connection failed" : "The call could not start",
        text: FAILURES[code ?? ""] ??
          "No path to the others was found. “Test your devices” shows why.",
        actions: [code !== null && isDirect ? "call_again" : "join_again"],
      };
  }
}

const FAILURES: Readonly<Record<string, string>> = {
  rate_limited: "Too many calls. Try again in a minute.",
  not_allowed: "You are not allowed to call here.",
  not_found: "The call is over, or the room is gone.",
  room_archived: "The room is archived, so nobody can call in it.",
  storage_unavailable: "The server cannot reach its storage. Try again in a moment.",
  storage_full: "The server's disk is full. Tell an admin.",
  draining: "The server is restarting. Try again in a moment.",
  internal: "The server failed. Try again in a moment.",
};

/** Says why a change during the call was refused. */
export function describeRefusal(code: string): string {
  if (code === "call_full") return `There is no room for another picture. ${CALL_FULL}`;
  return FAILURES[code] ?? "The server refused that.";
}

/** What somebody does who is being called. */
export const RING_WORDS: Readonly<Record<RingState, string>> = {
  calling: "Calling…",
  ringing: "Ringing…",
  in_another_call: "In another call",
};

/** Says what those who are being called do. */
export function describeRings(session: CallSession, nameOf: (userId: UserId) => string): string | null {
  const rings = [...session.rings];
  const [first] = rings;
  if (first === undefined) return null;
  if (rings.length > 1) {
    return rings.map(([userId, state]) => `${nameOf(userId)}: ${RING_WORDS[state]}`).join(" · ");
  }
  const [userId, state] = first;
  const name = nameOf(userId);
  if (session.own === null || state === "calling") return `Calling ${name}…`;
  return state === "ringing" ? `Ringing ${name}…` : `${name} is in another call. They see that you call.`;
}

/** Says how the call is doing, in place of its time; what it says of rings is what their tiles say. */
export function describePhase(phase: SessionPhase, { call, rings }: CallSession): string | null {
  if (phase === "connecting") return "Connecting…";
  if (phase === "reconnecting") return "Reconnecting…";
  if (call !== null && phase !== "outgoing") return null;
  const states = [...rings.values()];
  return RING_WORDS[states.includes("ringing") ? "ringing" : states[0] ?? "calling"];
}
