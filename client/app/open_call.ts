import { computed, effect, signal, untracked } from "@preact/signals";
import type { ReadonlySignal, Signal } from "@preact/signals";
import { loudRing, quietRings } from "../../shared/call/call_outputs.ts";
import { othersIn, sessionOf } from "../../shared/call/call_state.ts";
import type { CallSession } from "../../shared/call/call_state.ts";
import type { Call, JoiningMedia } from "../../shared/call/call_types.ts";
import type { RoomId, TabId, UserId } from "../../shared/ids.ts";
import { callCommands } from "../calls/call_commands.ts";
import type { CallHost } from "../calls/call_host.ts";
import { CallModel } from "../calls/call_model.ts";
import type { CallTabs } from "../calls/call_tabs.ts";
import { followSpeaking } from "../calls/speaking.ts";
import { StageModel } from "../calls/stage_model.ts";
import { LobbyModel } from "../calls/lobby_model.ts";
import { CallKeys } from "../calls/media/call_keys.ts";
import type { CallKey } from "../calls/media/call_keys.ts";
import type { CallPreferences } from "../calls/media/call_preferences.ts";
import { DevicesModel } from "../calls/media/devices_model.ts";
import { LevelMeter } from "../calls/media/level_meter.ts";
import { LocalMedia } from "../calls/media/local_media.ts";
import { PictureInPicture } from "../calls/media/picture_in_picture.ts";
import { RemoteSound } from "../calls/media/remote_sound.ts";
import { SoundContext } from "../calls/media/sound_context.ts";
import { Tones } from "../calls/media/tones.ts";
import { WakeLock } from "../calls/media/wake_lock.ts";
import { openSfu } from "../calls/sfu/open_sfu.ts";
import { sendLast } from "../net/last_call.ts";
import { tabStorage } from "../net/transport_choice.ts";
import { followMedia } from "./browser_signals.ts";
import type { SignedIn } from "./app_context.ts";
import { callPreferencesOf } from "./call_preferences_of.ts";
import type { CallPlace } from "./call_place.ts";
import type { CallsModels } from "./calls_models.ts";
import { CallEnds } from "./call_ends.ts";
import type { RingRule } from "./ring_rule.ts";

/** What `OpenCall` needs beside the context of a signed-in user. */
export interface OpenCallOptions {
  readonly models: CallsModels;
  readonly tabs: CallTabs;
}

/** A room in which the user is about to join a call. */
export interface OpenLobby {
  readonly roomId: RoomId;
  readonly model: LobbyModel;
}

/** Below this width, messages take the place of the call instead of standing beside it. */
const CHAT_BESIDE = "(min-width: 1100px)";
const COMMANDS = {
  mic: "toggleMic",
  cam: "toggleCamera",
  screen: "toggleScreen",
  hand: "toggleHand",
  leave: "leave",
} as const satisfies Record<CallKey, string>;

/** The call of this tab with all its parts: devices, sounds, keys, and how it is shown. */
export class OpenCall implements Disposable {
  readonly context: SignedIn;
  readonly tabId: TabId;
  readonly devices: DevicesModel;
  readonly preferences: CallPreferences;
  readonly local: LocalMedia;
  readonly model: CallModel<LocalMedia>;
  readonly sound: RemoteSound;
  readonly meter: LevelMeter;
  readonly picture: PictureInPicture = new PictureInPicture();
  readonly stage: StageModel = new StageModel();
  readonly ends: CallEnds;
  readonly host: CallHost;
  readonly commands: ReturnType<typeof callCommands>;
  readonly isChatBeside: ReadonlySignal<boolean>;
  readonly #lobby: Signal<OpenLobby | null> = signal(null);
  readonly #models: CallsModels;
  /** What to free, in the order in which it was made. */
  readonly #stops: (() => void)[] = [];

  /** The call of talking people in which this tab is. */
  readonly session: ReadonlySignal<CallSession | null> = computed(() => {
    const session = sessionOf(this.model.state.value);
    return session?.purpose === "files" ? null : session;
  });
  /** Where the user is about to join a call. */
  readonly lobby: ReadonlySignal<OpenLobby | null> = this.#lobby;
  /** The room that shows a call or a lobby. */
  readonly place: ReadonlySignal<CallPlace | null> = computed(() => {
    const lobby = this.#lobby.value;
    if (lobby !== null) return { roomId: lobby.roomId, coversMessages: true };
    const session = this.session.value;
    return session && { roomId: session.roomId, coversMessages: !this.stage.isChatShown.value };
  });

  constructor(context: SignedIn, { models, tabs }: OpenCallOptions) {
    const { chat, me } = context;
    const stops = this.#stops;
    const own = <T extends Disposable>(part: T): T => {
      stops.push(() => part[Symbol.dispose]());
      return part;
    };
    this.#models = models;
    this.tabId = models.tabId;
    this.context = context;
    this.preferences = callPreferencesOf(chat.storage);
    this.devices = own(new DevicesModel(this.preferences));
    const sounds = own(new SoundContext());
    const { isInCall } = chat;
    this.local = new LocalMedia({
      devices: this.devices,
      onFailed: (kind) => this.model.act({ type: "media", media: { [kind]: false } }),
      onEnded: (kind) => this.model.act({ type: "media", media: { [kind]: false } }),
      isInCall,
    });
    // Nothing rings aloud before the user's settings are known.
    const rule = signal<RingRule>(() => false);
    const loud = computed(() => loudRing(this.model.state.value));
    const quiet = computed(() => quietRings(this.model.state.value));
    const isQuiet = computed(() => loud.value !== null && !rule.value(loud.value));
    const tones = own(new Tones({ sounds, devices: this.devices }));
    this.model = own(
      new CallModel({
        api: chat.trpc.calls,
        tabId: models.tabId,
        watch: models.watch,
        local: this.local,
        tones,
        isQuiet,
        isRelayOnly: this.preferences.pick("isRelayOnly"),
        openSfu,
        storage: tabStorage(),
        page: globalThis.window,
        sendLast: (path, input) => sendLast(location.origin, path, input),
      }),
    );
    const { peers } = this.model;
    this.sound = own(new RemoteSound({ peers, devices: this.devices, sounds }));
    const ownId = computed(() => this.session.value?.own?.participantId ?? null);
    this.meter = own(new LevelMeter({ sounds, local: this.local, peers, own: ownId }));
    this.commands = callCommands({ state: this.model.state, act: (act) => this.model.act(act) });
    const speaking = followSpeaking(this.meter);
    stops.push(speaking.stop);
    this.host = {
      me: me.id,
      nameOf: (userId) => chat.users.nameOf(userId),
      serverNow: () => models.watch.serverNow(),
      state: this.model.state,
      peers,
      act: (act) => this.model.act(act),
      local: this.local,
      preferences: this.preferences,
      devices: this.devices,
      sound: this.sound,
      speaking: speaking.value,
      speaker: this.meter.speaker,
    };
    this.ends = own(new CallEnds(this.model, models.watch));
    const beside = followMedia(globalThis.window, CHAT_BESIDE);
    this.isChatBeside = beside.value;
    stops.push(beside.stop);
    own(new WakeLock(isInCall));
    own(
      new CallKeys({
        preferences: this.preferences,
        isInCall,
        onKey: (key) => this.commands[COMMANDS[key]](),
        onTalk: (isTalking) => this.model.act({ type: "media", media: { mic: isTalking } }),
      }),
    );
    stops.push(
      ...this.#follow(tabs, isInCall),
    );
    const others = computed(() => {
      const session = this.session.value;
      return session === null || session.own === null ? null : othersIn(session);
    });
    void import("./notify_part.ts").then(
      ({ followNews, followRings }) => {
        followRings(context, { loud, quiet, rule, isQuiet });
        followNews(chat, { others, tones });
      },
      () => rule.value = () => true,
    );
    own(this.picture);
    this.model.start();
  }

  /** Opens the lobby of a room. */
  enter(roomId: RoomId): void {
    if (this.session.peek()?.roomId === roomId) return;
    this.leaveLobby();
    const local = this.session.peek() === null ? this.local : null;
    this.#lobby.value = { roomId, model: new LobbyModel({ local, preferences: this.preferences }) };
  }

  /** Closes the lobby; `isJoining` leaves the devices to the call. */
  leaveLobby(isJoining = false): void {
    const lobby = this.#lobby.peek();
    this.#lobby.value = null;
    // A call that began elsewhere meanwhile has the devices.
    lobby?.model.leave(isJoining || this.session.peek() !== null);
  }

  /** Joins the call of a room, or starts one. */
  join(roomId: RoomId, { mic, cam }: JoiningMedia, ring: readonly UserId[] = []): void {
    this.leaveLobby();
    const call = untracked(() => this.runningIn(roomId));
    const media = { mic: mic && this.#isHeard(), cam };
    const shared = { roomId, isDirect: this.isDirect(roomId), purpose: "talk", media } as const;
    if (call === null) this.model.act({ type: "start", ring, ...shared });
    else this.model.act({ type: "join", callId: call.callId, ...shared });
  }

  /** Joins with what the lobby has. */
  joinFromLobby(): void {
    const lobby = this.#lobby.peek();
    if (lobby === null) return;
    const { roomId, model } = lobby;
    const peer = this.context.chat.rooms.peerOf(roomId);
    const ring = this.isDirect(roomId) ? (peer === null ? [] : [peer]) : [...model.rings.peek()];
    const media = model.media.peek();
    this.leaveLobby(true);
    this.join(roomId, media, ring);
  }

  /** Accepts a ring, and shows its call. */
  accept(callId: Call["callId"], roomId: RoomId, hasCamera: boolean): void {
    const { listensOnly, joinsMuted } = this.preferences.settings.peek();
    this.leaveLobby();
    const media = { mic: !listensOnly && !joinsMuted && this.#isHeard(), cam: hasCamera };
    this.model.act({ type: "accept", callId, media, isDirect: this.isDirect(roomId) });
    this.context.app.openRoom(roomId);
  }

  /** Continues here a call that another tab is in. */
  takeOver(call: Call): void {
    const own = call.participants.find(({ userId }) => userId === this.host.me);
    this.join(call.roomId, own?.media ?? { mic: false, cam: false });
    this.context.app.openRoom(call.roomId);
  }

  /** The call of talking people that runs in a room. One for files is taken over by starting a call. */
  runningIn(roomId: RoomId): Call | null {
    const call = this.#models.watch.calls.value.get(roomId);
    return call === undefined || call.purpose === "files" ? null : call;
  }

  /** Whether a room has two members, so that its call rings the other. */
  isDirect(roomId: RoomId): boolean {
    return this.context.chat.rooms.find(roomId)?.kind === "direct";
  }

  /** Leaves, and frees everything. */
  [Symbol.dispose](): void {
    this.leaveLobby();
    for (const stop of this.#stops.splice(0).toReversed()) stop();
    this.context.app.callPlace.value = null;
    this.context.app.callTitle.value = null;
  }

  /** With push to talk, nobody is heard before they hold the key. */
  #isHeard(): boolean {
    return !this.preferences.settings.peek().isPushToTalk;
  }

  #follow(tabs: CallTabs, isInCall: Signal<boolean>): (() => void)[] {
    const { app } = this.context;
    return [
      effect(() => {
        app.callPlace.value = this.place.value;
      }),
      effect(() => {
        // Nobody is captured for a lobby that they do not see any more.
        const isLeft = this.#lobby.value !== null && this.#lobby.value.roomId !== app.roomId.value;
        if (isLeft) untracked(() => this.leaveLobby());
      }),
      effect(() => {
        const session = this.session.value;
        tabs.tell(session?.own === null ? null : session?.callId ?? null);
      }),
      effect(() => {
        isInCall.value = this.session.value !== null;
        if (isInCall.value) return;
        untracked(() => {
          this.stage.reset();
          this.picture.close();
        });
      }),
    ];
  }
}
