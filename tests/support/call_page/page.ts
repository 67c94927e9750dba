import { computed, effect, signal } from "@preact/signals";
import { callsOf } from "../../../client/app/calls_models.ts";
import { createChat } from "../../../client/app/chat.ts";
import type { Chat } from "../../../client/app/chat.ts";
import { findStorage } from "../../../client/app/page_storage.ts";
import { PreferencesModel } from "../../../client/app/preferences_model.ts";
import { CallModel } from "../../../client/calls/call_model.ts";
import type { RemotePeer } from "../../../client/calls/call_parts.ts";
import { CallPreferences } from "../../../client/calls/media/call_preferences.ts";
import { DevicesModel } from "../../../client/calls/media/devices_model.ts";
import { LocalMedia } from "../../../client/calls/media/local_media.ts";
import { openSfu } from "../../../client/calls/sfu/open_sfu.ts";
import type { CallsWatch } from "../../../client/calls/calls_watch.ts";
import { createApi } from "../../../client/net/api.ts";
import { browserPlatform, followBrowser } from "../../../client/net/browser_platform.ts";
import { ConnectionModel } from "../../../client/net/connection_model.ts";
import { sendLast } from "../../../client/net/last_call.ts";
import { sessionTrpc } from "../../../client/net/session_trpc.ts";
import { tabStorage } from "../../../client/net/transport_choice.ts";
import type { MediaKind } from "../../../shared/call/call_types.ts";
import type { TabId } from "../../../shared/ids.ts";

/** What tests find in the page as `calls`. */
export interface PageCalls {
  readonly model: CallModel<LocalMedia>;
  readonly watch: CallsWatch;
  readonly chat: Chat;
  readonly tabId: TabId;
  readonly counts: PageCounts;
  /** Everything that was opened, in order. */
  readonly connections: readonly RTCPeerConnection[];
}

/** What the page has asked of the browser so far. */
export interface PageCounts {
  connections: number;
  offers: number;
  candidates: number;
  /** Candidates of this device that browsers would send, by type: host, srflx, prflx or relay. */
  readonly candidateTypes: string[];
}

/** All connections that the page has made. */
const connections: RTCPeerConnection[] = [];
const counts: PageCounts = { connections: 0, offers: 0, candidates: 0, candidateTypes: [] };
countConnections();
void open();

/** Counts connections and offers, whoever makes them. */
function countConnections(): void {
  const Original = globalThis.RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Original {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      counts.connections++;
      connections.push(this);
      this.addEventListener("icecandidate", ({ candidate }) => {
        if (candidate === null || candidate.candidate === "") return;
        counts.candidates++;
        counts.candidateTypes.push(candidate.type ?? "");
      });
      this.addEventListener("signalingstatechange", () => {
        if (this.signalingState === "have-local-offer") counts.offers++;
      });
    }
  };
}

/** Opens the real models of a signed-in user, with elements that show and play each peer. */
async function open(): Promise<void> {
  const platform = browserPlatform(followBrowser());
  const api = createApi({
    baseUrl: location.origin,
    connection: new ConnectionModel(),
    platform,
    onSessionEnded: () => {},
  });
  const me = await sessionTrpc(location.origin).auth.me.query();
  if (me === null) throw new Error("Nobody is signed in");
  const storage = findStorage(globalThis.window);
  const chat = await createChat({
    api,
    me,
    storage,
    preferences: new PreferencesModel(storage),
    isAttentive: signal(true),
    onNotice: () => {},
    onRoomLost: () => {},
    onMeChanged: () => {},
    onRoleChanged: () => {},
  });
  api.connect();
  const { tabId, watch } = await callsOf(chat);
  const isRelayOnly = signal(new URL(location.href).searchParams.has("relay"));
  const devices = new DevicesModel(new CallPreferences(storage));
  const local: LocalMedia = new LocalMedia({
    devices,
    onFailed: (kind) => model.act({ type: "media", media: { [kind]: false } }),
    onEnded: (kind) => model.act({ type: "media", media: { [kind]: false } }),
  });
  const model: CallModel<LocalMedia> = new CallModel({
    api: chat.trpc.calls,
    tabId,
    watch,
    local,
    tones: { play: (tone) => document.body.dataset.tone = tone ?? "" },
    isQuiet: computed(() => false),
    isRelayOnly,
    openSfu,
    storage: tabStorage(),
    page: globalThis.window,
    sendLast: (path, input) => sendLast(location.origin, path, input),
  });
  model.start();
  effect(() => showPeers([...model.peers.value.values()]));
  Object.assign(globalThis, {
    calls: { model, watch, chat, tabId, counts, connections } satisfies PageCalls,
  });
}

const SHOWN: readonly MediaKind[] = ["cam", "screen", "mic", "screenAudio"];
const stops = new Map<string, () => void>();

/** Shows each peer by `video.cam` and `video.screen`, and plays it by `audio.mic` and `audio.screenAudio`. */
function showPeers(peers: readonly RemotePeer[]): void {
  for (const [id, stop] of stops) {
    if (peers.some((peer) => peerKey(peer) === id)) continue;
    stop();
    stops.delete(id);
  }
  for (const peer of peers) if (!stops.has(peerKey(peer))) stops.set(peerKey(peer), show(peer));
}

let shownCount = 0;
const keys = new WeakMap<RemotePeer, string>();

function peerKey(peer: RemotePeer): string {
  const key = keys.get(peer) ?? String(++shownCount);
  keys.set(peer, key);
  return key;
}

function show(peer: RemotePeer): () => void {
  const box = document.createElement("section");
  box.dataset.user = peer.userId;
  const elements = SHOWN.map((kind) => {
    const element = document.createElement(kind === "cam" || kind === "screen" ? "video" : "audio");
    element.className = kind;
    element.autoplay = true;
    box.append(element);
    return [kind, element] as const;
  });
  document.body.append(box);
  const stop = effect(() => {
    for (const [kind, element] of elements) {
      const track = peer.tracks.value[kind];
      element.srcObject = track === null ? null : new MediaStream([track]);
      if (track !== null) element.play().catch(() => {});
    }
  });
  return () => {
    stop();
    box.remove();
  };
}
