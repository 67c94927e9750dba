import type { ConnectionEvent, TransportKind } from "../net/connection_model.ts";

/** What this tab has of one room. */
export interface RoomSync {
  readonly roomId: string;
  /** Shown, and not part of the text: names of rooms may be private. */
  readonly title: string;
  /** "epoch.offset": everything up to there has arrived. */
  readonly position: string;
  readonly through: number;
  /** The newest offset that the list of rooms names. */
  readonly head: number;
  /** Offsets that are missing although later ones have arrived. */
  readonly holes: readonly { readonly from: number; readonly to: number }[];
  /** Whether events arrive as they happen; otherwise they are read when the room is opened. */
  readonly isFollowed: boolean;
}

/** Everything that decides whether this tab is in step with the server. It has no texts, names or tokens. */
export interface SyncReport {
  /** Epoch milliseconds, as all times here. */
  readonly at: number;
  readonly userAgent: string;
  /** The version of this page. */
  readonly build: string;
  /** The version that the server gives to new pages; null while it is not known. */
  readonly serverBuild: string | null;
  readonly isDeviceOnline: boolean;
  readonly transport: TransportKind;
  readonly isOpen: boolean;
  readonly retryAt: number | null;
  readonly roundTripMs: number | null;
  readonly rooms: readonly RoomSync[];
  /** Rooms of which this tab has only the summary. */
  readonly otherRoomCount: number;
  readonly outbox: {
    readonly waitingCount: number;
    readonly failedCount: number;
    readonly oldestAt: number | null;
  };
  /** What this device has for a start without network, in words. */
  readonly stored: string;
  readonly history: readonly ConnectionEvent[];
  /** Null outside of a call. */
  readonly call: { readonly topology: "mesh" | "sfu"; readonly routes: readonly string[] } | null;
}

/** What a report says in a sentence. */
export interface SyncVerdict {
  readonly level: "good" | "warn" | "bad";
  readonly sentence: string;
}

/** Names of transports. */
export const TRANSPORT_NAMES: Readonly<Record<TransportKind, string>> = {
  websocket: "WebSocket",
  sse: "SSE + HTTP",
  polling: "Long polling",
};

/** How many events of a room are missing below the newest one that arrived. */
export function missingCount({ holes }: Pick<RoomSync, "holes">): number {
  return holes.reduce((sum, { from, to }) => sum + to - from + 1, 0);
}

/** Says the most important thing. */
export function judgeSync(report: SyncReport): SyncVerdict {
  const { isOpen, isDeviceOnline, transport, outbox, rooms, build, serverBuild } = report;
  if (!isDeviceOnline) return { level: "bad", sentence: "This device says that it is offline." };
  if (!isOpen) return { level: "bad", sentence: "There is no connection to the server." };
  if (outbox.failedCount > 0) {
    return { level: "bad", sentence: `${messages(outbox.failedCount)} could not be sent.` };
  }
  const missing = rooms.reduce((sum, room) => sum + missingCount(room), 0);
  const behind = rooms.filter((room) => room.isFollowed && room.head > room.through).length;
  if (missing > 0 || behind > 0) {
    const what = missing > 0
      ? events(missing)
      : behind === 1
      ? "The end of one room"
      : `The end of ${behind} rooms`;
    return { level: "warn", sentence: `${what} ${missing > 1 ? "are" : "is"} still on the way.` };
  }
  if (outbox.waitingCount > 0) {
    const verb = outbox.waitingCount === 1 ? "waits" : "wait";
    return { level: "warn", sentence: `${messages(outbox.waitingCount)} ${verb} to be sent.` };
  }
  if (serverBuild !== null && serverBuild !== build) {
    return { level: "warn", sentence: "The server has a newer version. Reload this page to get it." };
  }
  return { level: "good", sentence: `Connected over ${TRANSPORT_NAMES[transport]}. Everything has arrived.` };
}

/** Tells an event of the connection in words. */
export function describeEvent({ type, transport, reason, count }: ConnectionEvent): string {
  const name = TRANSPORT_NAMES[transport];
  const why = reason === "" ? "" : `: ${reason}`;
  const times = count === 1 ? "" : ` (${count} times)`;
  switch (type) {
    case "opened":
      return `Connected over ${name}${times}`;
    case "switched":
      return `Changed to ${name}${times}`;
    case "lost":
      return `Lost ${name}${why}${times}`;
    case "dial_failed":
      return `${name} did not open${why}${times}`;
  }
}

/** Names the missing offsets: "none", "12–14, 20". */
export function describeHoles(holes: RoomSync["holes"]): string {
  if (holes.length === 0) return "none";
  return holes.map(({ from, to }) => from === to ? String(from) : `${from}–${to}`).join(", ");
}

/** Writes a report as text, for a bug report. */
export function writeSyncReport(report: SyncReport): string {
  const { rooms, outbox, history, call } = report;
  const iso = (at: number) => new Date(at).toISOString();
  const retry = report.retryAt === null ? "" : `, next dial ${iso(report.retryAt)}`;
  return [
    `Sync inspector, ${iso(report.at)}`,
    judgeSync(report).sentence,
    "",
    `Transport: ${TRANSPORT_NAMES[report.transport]}, ${report.isOpen ? "open" : `not open${retry}`}`,
    `Round trip: ${report.roundTripMs === null ? "not measured" : `${Math.round(report.roundTripMs)} ms`}`,
    `Outbox: ${outbox.waitingCount} waiting, ${outbox.failedCount} failed${
      outbox.oldestAt === null ? "" : `, oldest ${iso(outbox.oldestAt)}`
    }`,
    `On this device: ${report.stored}`,
    `Page: ${report.build}; server: ${report.serverBuild ?? "unknown"}`,
    `Call: ${call === null ? "none" : [call.topology, ...call.routes].join(", ")}`,
    "",
    `Rooms: ${rooms.length} open, ${report.otherRoomCount} others`,
    ...rooms.map(({ roomId, position, head, holes, isFollowed }) =>
      `  ${roomId}: position ${position}, newest ${head}, missing ${describeHoles(holes)}${
        isFollowed ? "" : ", not followed"
      }`
    ),
    "",
    `Connection:`,
    ...history.map((event) => `  ${iso(event.at)} ${describeEvent(event)}`),
    "",
    report.userAgent,
  ].join("\n");
}

function messages(count: number): string {
  return count === 1 ? "1 message" : `${count} messages`;
}

function events(count: number): string {
  return count === 1 ? "1 event" : `${count} events`;
}
