import { computed, signal } from "@preact/signals";
import { render } from "preact";
import { useMemo } from "preact/hooks";
import { callCommands } from "../../../client/calls/call_commands.ts";
import type { CallHost } from "../../../client/calls/call_host.ts";
import { NO_TRACKS } from "../../../client/calls/call_parts.ts";
import type { LinkFigures, RemotePeer, Tracks } from "../../../client/calls/call_parts.ts";
import { CallBar } from "../../../client/calls/CallBar.tsx";
import { CallEnded } from "../../../client/calls/CallEnded.tsx";
import { CallHint } from "../../../client/calls/CallHint.tsx";
import { CallStage } from "../../../client/calls/CallStage.tsx";
import { describeEnd } from "../../../client/calls/call_words.ts";
import { CaptureFailures } from "../../../client/calls/CaptureFailures.tsx";
import { DeviceChoice } from "../../../client/calls/DeviceChoice.tsx";
import { Lobby } from "../../../client/calls/Lobby.tsx";
import { LobbyModel } from "../../../client/calls/lobby_model.ts";
import { CallPreferences } from "../../../client/calls/media/call_preferences.ts";
import { DevicesModel } from "../../../client/calls/media/devices_model.ts";
import { LocalMedia } from "../../../client/calls/media/local_media.ts";
import { RingCard } from "../../../client/calls/RingCard.tsx";
import { RingList } from "../../../client/calls/RingList.tsx";
import { StageModel } from "../../../client/calls/stage_model.ts";
import { Notice } from "../../../client/ui/Notice.tsx";
import { sessionOf } from "../../../shared/call/call_state.ts";
import type { LinkPhase } from "../../../shared/call/link_state.ts";
import { CALL, CallScript, nameOf, participantOf, ROOM, STARTED_MS, userOf } from "./call_states.ts";
import type { Guest } from "./call_states.ts";

/** Views of calls with states of the real reducer. Run in a browser by call_pictures_test.ts. */

const FIGURES: LinkFigures = {
  roundTripMs: 40,
  lossPercent: 0,
  peerLossPercent: 0,
  jitterMs: 4,
  sentBitsPerSecond: 400_000,
  receivedBitsPerSecond: 400_000,
  localType: "host",
  remoteType: "host",
  protocol: "udp",
  relayProtocol: null,
  limitation: "none",
};

/** A picture that moves. */
function pictureOf(draw: (context: CanvasRenderingContext2D, turn: number) => void): MediaStreamTrack {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [640, 400];
  const context = canvas.getContext("2d");
  let turn = 0;
  setInterval(() => context !== null && draw(context, turn++), 100);
  const [track] = canvas.captureStream(10).getVideoTracks();
  if (track === undefined) throw new Error("The canvas gives no picture");
  return track;
}

const camera = (hue: number) =>
  pictureOf((context, turn) => {
    context.fillStyle = `hsl(${hue} 30% ${28 + 8 * (turn % 2)}%)`;
    context.fillRect(0, 0, 640, 400);
    context.fillStyle = `hsl(${hue} 40% 70%)`;
    context.beginPath();
    context.arc(320, 180, 90, 0, 7);
    context.arc(320, 420, 160, 0, 7);
    context.fill();
  });

const screen = () =>
  pictureOf((context, turn) => {
    context.fillStyle = "#f7f5f0";
    context.fillRect(0, 0, 640, 400);
    context.fillStyle = "#1d1b18";
    context.font = "600 26px sans-serif";
    context.fillText("Tide tables, November", 40, 60);
    context.fillStyle = turn % 2 === 0 ? "#d9d3c6" : "#c9c3b6";
    for (let line = 0; line < 8; line++) context.fillRect(40, 100 + line * 32, line % 2 ? 420 : 560, 12);
  });

interface PeerOptions {
  readonly tracks?: Partial<Tracks>;
  readonly phase?: LinkPhase;
  readonly figures?: Partial<LinkFigures>;
}

const MEASURE_EACH_MS = 250;

function peerOf(name: string, { tracks = {}, phase = "up", figures = {} }: PeerOptions = {}): RemotePeer {
  const measured = signal({ ...FIGURES, ...figures });
  // A link is weak when it has been so for a while.
  setInterval(() => measured.value = { ...measured.value }, MEASURE_EACH_MS);
  return {
    participantId: participantOf(name),
    userId: userOf(name),
    tracks: signal({ ...NO_TRACKS, ...tracks }),
    phase: signal(phase),
    figures: measured,
    filesChannel: signal(null),
    safetyCode: () => Promise.resolve(null),
  };
}

const preferences = new CallPreferences(localStorage);
const devices = new DevicesModel(preferences);
const local = new LocalMedia({ devices, onFailed: () => {}, onEnded: () => {} });

interface Scene {
  readonly script: CallScript;
  readonly peers?: readonly RemotePeer[];
  readonly speaker?: string;
  readonly hint?: string;
  readonly layout?: "grid" | "speaker";
}

const EVERYBODY: readonly Guest[] = [
  { name: "Ana", cam: true },
  { name: "Bo", mic: false },
  { name: "Dara", screen: true, screenAudio: true },
];

function Stage({ scene }: { scene: Scene }) {
  const state = signal(scene.script.state);
  const volume = signal(1);
  const speaker = signal(scene.speaker === undefined ? null : participantOf(scene.speaker));
  const host: CallHost = {
    me: userOf("You"),
    nameOf,
    // The clock of this device says something else.
    serverNow: () => STARTED_MS + 754_000,
    state,
    peers: signal(new Map((scene.peers ?? []).map((peer) => [peer.participantId, peer]))),
    act: (act) => {
      scene.script.act(act);
      state.value = scene.script.state;
    },
    local,
    preferences,
    devices,
    sound: { screenVolumeOf: () => volume.value, setScreenVolume: (_, value) => volume.value = value },
    speaking: speaker,
    speaker,
  };
  const stage = new StageModel();
  if (scene.layout !== undefined) stage.setLayout(scene.layout);
  const commands = callCommands(host);
  const Drawn = () => {
    const { stage: at } = state.value;
    const session = sessionOf(state.value);
    if (session === null || !("session" in at)) return <p role="status">The call is over</p>;
    return (
      <CallStage
        title="General"
        host={host}
        phase={at.phase}
        session={session}
        stage={stage}
        commands={commands}
        actions={{ onSafetyCode: () => {}, onModerate: () => {} }}
        canShare={!matchMedia("(pointer: coarse)").matches}
        unreadCount={2}
        menu={[{ label: "Raise hand", onSelect: commands.toggleHand }, {
          label: "Speaker view",
          onSelect: () => stage.setLayout("speaker"),
        }]}
        hints={scene.hint === undefined
          ? null
          : <CallHint action={{ label: "Unmute", onClick: commands.toggleMic }}>{scene.hint}</CallHint>}
      />
    );
  };
  return <Drawn />;
}

const others = (...names: string[]) => names.map((name): Guest => ({ name, cam: true }));
const withPictures = (...names: string[]) =>
  names.map((name, index) => peerOf(name, { tracks: { cam: camera(index * 70) } }));

const SCENES: Record<string, () => Scene> = {
  screen: () => ({
    script: new CallScript().join(EVERYBODY, { name: "You" }, { mic: false, cam: false }),
    peers: [
      peerOf("Ana", { tracks: { cam: camera(25) } }),
      peerOf("Bo"),
      peerOf("Dara", { tracks: { screen: screen() }, figures: { lossPercent: 12 } }),
    ],
    speaker: "Ana",
  }),
  pair: () => ({ script: new CallScript().join(others("Bo"), { name: "You" }), peers: withPictures("Bo") }),
  group: () => ({
    script: new CallScript().join(
      [
        ...others("Ana", "Bo"),
        { name: "Dara", handSince: "2026-01-01T10:00:05Z" },
        { name: "Cleo", mic: false, handSince: "2026-01-01T10:00:00Z" },
      ],
      { name: "You" },
    ),
    peers: [...withPictures("Ana"), peerOf("Bo", { phase: "restarting" }), peerOf("Dara"), peerOf("Cleo")],
    speaker: "Dara",
    hint: "You are muted.",
  }),
  speaker: () => ({
    script: new CallScript().join(others("Ana", "Bo", "Dara"), { name: "You" }),
    peers: withPictures("Ana", "Bo", "Dara"),
    speaker: "Bo",
    layout: "speaker",
  }),
  outgoing: () => {
    const script = new CallScript().ring("You", "Bo");
    script.update({ type: "ring_state", callId: CALL, userId: userOf("Bo"), state: "ringing" });
    return { script };
  },
  forwarded: () => {
    const script = new CallScript().join(others("Ana", "Bo", "Cleo", "Dara"), { name: "You" });
    script.update({ type: "handoff", callId: CALL, topology: "sfu" });
    return { script, peers: withPictures("Ana", "Bo", "Cleo", "Dara") };
  },
  alone: () => ({ script: new CallScript().join([], { name: "You" }) }),
  sharing: () => {
    const script = new CallScript().join(others("Ana"), { name: "You" });
    script.act({ type: "media", media: { screen: true, screenAudio: true } });
    return { script, peers: withPictures("Ana") };
  },
};

function LobbyScene({ isFailing }: { isFailing: boolean }) {
  const model = useMemo(() => new LobbyModel({ local, preferences }), []);
  const failures = signal(
    new Map([["mic" as const, {
      kind: "mic" as const,
      reason: "refused" as const,
      browser: "chrome" as const,
      isPhone: false,
      label: null,
    }]]),
  );
  return (
    <Lobby
      heading="Join the call in General"
      text="Ana, Bo and Dara are in it."
      verb="Join"
      model={model}
      local={isFailing ? { tracks: local.tracks, failures } : local}
      devices={devices}
      level={computed(() => 0.08)}
      me={{ id: userOf("You"), name: "You" }}
      onJoin={() => model.leave(true)}
      onCancel={() => model.leave(false)}
      onTest={() => {}}
      failures={
        <CaptureFailures
          failures={[...failures.value.values()]}
          frame={({ kind }, words) => <p key={kind}>{words}</p>}
        />
      }
      choice={<DeviceChoice devices={devices} />}
      onChoose={() => {}}
    >
      <RingList
        people={["Ana", "Bo", "Cleo"].map((name) => ({ id: userOf(name), name }))}
        chosen={model.rings.value}
        isFull={model.isRingFull.value}
        onToggle={(userId) => model.toggleRing(userId)}
      />
    </Lobby>
  );
}

function Cards() {
  const end = (reason: "declined" | "missed" | "failed", code: string | null = null) =>
    describeEnd({ reason, code, roomId: ROOM, callId: CALL, purpose: "talk" }, {
      title: "Bo",
      isDirect: true,
      wasIncoming: false,
      hadCamera: true,
    });
  const nothing = () => {};
  const ring = { by: userOf("Ana"), name: "Ana", onAccept: nothing, onDecline: nothing };
  return (
    <>
      <CallBar
        isMuted
        onBack={nothing}
        onMute={nothing}
        onStopSharing={nothing}
        onLeave={nothing}
      >
        General · 12:41
      </CallBar>
      {[end("declined"), end("missed"), end("failed", "call_full")].map((words) =>
        words === null
          ? null
          : <CallEnded key={words.title} words={words} onAction={nothing} onDismiss={nothing} />
      )}
      <div class="ring-cards">
        <RingCard {...ring} roomName={null} hasVideo={false} isQuiet={false} />
        <RingCard {...ring} roomName="General" hasVideo isQuiet />
      </div>
    </>
  );
}

/** What a phone shows of a call while its messages are open, and the connection is lost. */
function Away() {
  const nothing = () => {};
  return (
    <>
      <header class="bar">Bo</header>
      <CallBar isMuted={false} onBack={nothing} onMute={nothing} onStopSharing={null} onLeave={nothing}>
        Bo · 12:41
      </CallBar>
      <div class="room-body" />
      <div class="notice-slot">
        <Notice>Connection lost. Reconnecting…</Notice>
      </div>
    </>
  );
}

function Page() {
  const name = location.hash.slice(1);
  const scene = SCENES[name];
  return (
    <div class="main" style={{ height: "100dvh" }}>
      <h1 class="visually-hidden">Calls</h1>
      {scene !== undefined
        ? <Stage scene={scene()} />
        : name.startsWith("lobby")
        ? <LobbyScene isFailing={name.endsWith("refused")} />
        : name === "away"
        ? <Away />
        : <Cards />}
    </div>
  );
}

const place = document.getElementById("app");
if (place !== null) render(<Page />, place);
