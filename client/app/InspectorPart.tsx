import "../base.ts";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { describeRoute } from "../calls/doctor/describe_route.ts";
import { ownBuild, readServerBuild } from "../inspector/build_name.ts";
import type { OfflineState } from "../offline/offline_writer.ts";
import { formatBytes } from "../ui/format_bytes.ts";
import { SyncInspector } from "../inspector/SyncInspector.tsx";
import type { SyncReport } from "../inspector/sync_report.ts";
import { useSignedIn } from "./app_context.ts";
import type { SignedIn } from "./app_context.ts";
import { offlineStateOf } from "./keep_offline.ts";

const LOOK_INTERVAL_MS = 1_000;
const MEASURE_INTERVAL_MS = 5_000;

/** The page of the settings that shows the state of the connection. */
export function ConnectionPage(): JSX.Element {
  const context = useSignedIn();
  const { connection } = context.app;
  const [serverBuild, setServerBuild] = useState<string | null>(null);
  const [, look] = useState(0);
  useEffect(() => {
    const end = new AbortController();
    void readServerBuild(end.signal).then((build) => end.signal.aborted || setServerBuild(build));
    connection.measure();
    // What has arrived of a room is no signal.
    const looks = setInterval(() => look((count) => count + 1), LOOK_INTERVAL_MS);
    const measures = setInterval(() => connection.measure(), MEASURE_INTERVAL_MS);
    return () => {
      end.abort();
      clearInterval(looks);
      clearInterval(measures);
    };
  }, [connection]);
  return (
    <>
      <h3>Connection</h3>
      <SyncInspector report={{ ...inspect(context), serverBuild }} />
    </>
  );
}

function inspect(context: SignedIn): Omit<SyncReport, "serverBuild"> {
  const { chat } = context;
  const { connection, messages, rooms } = chat;
  const open = messages.open().map(({ roomId, history: { position, isFollowed } }) => {
    const room = rooms.find(roomId);
    return {
      roomId,
      title: room === null ? roomId : rooms.titleOf(room),
      position: position.formatted,
      through: position.through,
      head: room?.head ?? position.through,
      holes: position.holes,
      isFollowed,
    };
  });
  const opened = new Set<string>(open.map(({ roomId }) => roomId));
  const waiting = messages.outbox.value;
  return {
    at: Date.now(),
    userAgent: navigator.userAgent,
    build: ownBuild(document),
    isDeviceOnline: navigator.onLine,
    transport: connection.transport.value,
    isOpen: connection.isOpen.value,
    retryAt: connection.retryAt.value,
    roundTripMs: connection.roundTripMs.value,
    rooms: open,
    otherRoomCount: [...rooms.rooms.value.keys()].filter((roomId) => !opened.has(roomId)).length,
    outbox: {
      waitingCount: messages.waitingCount.value,
      failedCount: waiting.length - messages.waitingCount.value,
      oldestAt: waiting.length === 0 ? null : Math.min(...waiting.map(({ at }) => Date.parse(at))),
    },
    stored: describeStored(offlineStateOf(chat).value),
    history: connection.history.value,
    call: inspectCall(context),
  };
}

function describeStored(state: OfflineState): string {
  switch (state.type) {
    case "stored":
      return `${state.roomCount === 1 ? "1 room" : `${state.roomCount} rooms`}, ${formatBytes(state.bytes)}`;
    case "elsewhere":
      return "Not by this tab";
    case "full":
      return "Nothing: the browser's storage is full";
    case "refused":
      return "Nothing: the browser stores nothing";
  }
}

function inspectCall(context: SignedIn): SyncReport["call"] {
  const call = context.calls.value.value?.openedCall(context) ?? null;
  const topology = call?.session.value?.call?.topology;
  if (call === null || topology === undefined) return null;
  const routes = [...call.host.peers.value.values()].map(({ figures: { value } }) =>
    value === null ? null : describeRoute(value, topology === "sfu")
  );
  return { topology, routes: routes.filter((route) => route !== null) };
}
