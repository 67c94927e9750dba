import { effect, signal, untracked } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { CallAct } from "../../shared/call/call_acts.ts";
import type { CallRequest } from "../../shared/call/call_requests.ts";
import { NO_CALL, sessionOf } from "../../shared/call/call_state.ts";
import type { CallState } from "../../shared/call/call_state.ts";
import type { CallUpdate } from "../../shared/call/call_types.ts";
import { planMedia } from "../../shared/call/media_plan.ts";
import type { MediaPlan, ScreenMode } from "../../shared/call/media_plan.ts";
import { reduceCall } from "../../shared/call/reduce_call.ts";
import type { CallEffect, CallEvent } from "../../shared/call/reduce_call.ts";
import type { ParticipantId, TabId } from "../../shared/ids.ts";
import { readWireError } from "../net/wire_error.ts";
import { steady } from "../ui/steady.ts";
import { Alarm } from "./alarm.ts";
import { sendRequest } from "./call_api.ts";
import type { CallsApi } from "./call_api.ts";
import type { RememberedCall } from "./call_memory.ts";
import type { MediaSource, OpenSfu, RelayTrouble, RemotePeer, TonePlayer } from "./call_parts.ts";
import { CallReturn } from "./call_return.ts";
import type { CallsWatch } from "./calls_watch.ts";
import { EventTurns } from "./event_turns.ts";
import { MediaPaths } from "./media_paths.ts";
import { followNetwork } from "./network_changes.ts";
import { PageEnd } from "./page_end.ts";
import { playTones } from "./ring_tone.ts";
import type { TabStorage } from "./tab_id.ts";

/** Options of `CallModel`. */
export interface CallModelOptions<Local extends MediaSource> {
  readonly api: CallsApi;
  readonly tabId: TabId;
  readonly watch: Pick<CallsWatch, "calls" | "isOpen" | "listen" | "setInCall">;
  readonly local: Local;
  readonly tones: TonePlayer;
  /** True while nothing may ring: do not disturb. */
  readonly isQuiet: ReadonlySignal<boolean>;
  /** Whether media go through relays only, so that peers learn no address; for links that are made from now on. */
  readonly isRelayOnly: ReadonlySignal<boolean>;
  /** Null if this client cannot use an SFU. */
  readonly openSfu: OpenSfu | null;
  /** Of this tab; null if the browser stores nothing. */
  readonly storage: TabStorage | null;
  readonly page: Window;
  /** Sends a request that outlives the page. */
  readonly sendLast: (path: string, input: unknown) => void;
}

/** Media of a device that is in no call. */
const SILENT = { mic: false, cam: false, screen: false, screenAudio: false };

/** The call of this tab: it does what `reduceCall` says. */
export class CallModel<Local extends MediaSource = MediaSource> implements Disposable {
  readonly #options: CallModelOptions<Local>;
  readonly #state = signal<CallState>(NO_CALL);
  readonly #turns = new EventTurns<CallEvent>((event) => this.#apply(event));
  readonly #alarm: Alarm;
  readonly #paths: MediaPaths;
  readonly #end: PageEnd;
  readonly #return: CallReturn;
  readonly #stops: (() => void)[] = [];
  #isDisposed = false;

  /** Where this device is with its call. */
  readonly state: ReadonlySignal<CallState> = this.#state;
  /** The other participants to whom this device has a link, or a path through the SFU. */
  readonly peers: ReadonlySignal<ReadonlyMap<ParticipantId, RemotePeer>>;
  /** Why no relay can be used. */
  readonly relayTrouble: ReadonlySignal<RelayTrouble>;
  /** What this device sends. */
  readonly local: Local;
  /** How this device sends it. */
  readonly plan: ReadonlySignal<MediaPlan>;
  /** The call in which this tab was before a reload, while it may return. */
  readonly returnable: ReadonlySignal<RememberedCall | null>;

  constructor(options: CallModelOptions<Local>) {
    const { local, page, api, tabId } = options;
    this.#options = options;
    this.local = local;
    this.plan = steady(() => planFor(this.#state.value, local.screenMode.value));
    this.#alarm = new Alarm(now, () => this.#turns.add({ type: "tick" }));
    this.#paths = new MediaPaths({
      ...options,
      state: this.#state,
      plan: this.plan,
      onEvent: (event) => this.#turns.add(event),
    });
    this.peers = this.#paths.peers;
    this.relayTrouble = this.#paths.relayTrouble;
    this.#end = new PageEnd(page, {
      isInCall: () => sessionOf(this.#state.peek()) !== null,
      onEnd: (mayReturn) => this.#pageEnds(mayReturn),
    });
    this.#return = new CallReturn({
      ...options,
      leave: (callId) => api.leave.mutate({ tabId, callId }),
    });
    this.returnable = this.#return.offer;
  }

  /** Takes over what is known of calls, and follows it. */
  start(): void {
    const { watch, local } = this.#options;
    this.#stops.push(
      watch.listen({
        onUpdate: (update) => this.#take(update),
        onStream: (isOpen) => this.#turns.add({ type: "stream", isOpen }),
      }),
      effect(() => {
        const plan = this.plan.value;
        untracked(() => local.plan(plan));
      }),
      effect(() => {
        const isInCall = sessionOf(this.#state.value) !== null;
        untracked(() => {
          this.#end.warn(isInCall);
          watch.setInCall(isInCall);
        });
      }),
      followNetwork(this.#options.page, () => this.#paths.networkChanged()),
      playTones({ ...this.#options, state: this.#state }),
    );
  }

  /** Does what the person wants. */
  act(act: CallAct): void {
    this.#turns.add({ type: "act", act });
  }

  /** Returns into the call in which this tab was before a reload. */
  returnToCall(): void {
    const call = this.#return.take();
    if (call === null) return;
    const { callId, roomId, isDirect, purpose, media, epochs } = call;
    this.#paths.continueAfter(callId, epochs);
    this.act({ type: "join", callId, roomId, isDirect, purpose, media });
  }

  /** Leaves the call in which this tab was before a reload. */
  declineReturn(): void {
    this.#return.decline();
  }

  /** Leaves, and frees everything. */
  [Symbol.dispose](): void {
    this.act({ type: "leave" });
    this.#options.watch.setInCall(false);
    this.#isDisposed = true;
    for (const stop of this.#stops.splice(0)) stop();
    this.#alarm.set(null);
    this.#paths[Symbol.dispose]();
    this.#end[Symbol.dispose]();
    this.#return[Symbol.dispose]();
    this.#options.local[Symbol.dispose]();
  }

  #take(update: CallUpdate): void {
    if (update.type !== "signal") this.#turns.add({ type: "update", update });
    else if (sessionOf(this.#state.peek())?.callId === update.callId) this.#paths.take(update);
    this.#return.check();
  }

  #apply(event: CallEvent): void {
    if (this.#isDisposed) return;
    const { state, effects } = reduceCall(this.#state.peek(), event, now());
    this.#state.value = state;
    for (const effect of effects) this.#run(effect);
    if (sessionOf(state) === null) this.#paths.end();
    this.#return.remember(sessionOf(state));
  }

  #run(effect: CallEffect): void {
    switch (effect.type) {
      case "request":
        return void this.#request(effect.id, effect.request);
      case "devices":
        return this.local.hold(effect.media);
      case "links":
        return this.#paths.setLinks(effect.own, effect.peers);
      case "sfu":
        return this.#paths.setSfu(effect.isWanted);
      case "wake":
        return this.#alarm.set(effect.at);
    }
  }

  async #request(id: number, request: CallRequest): Promise<void> {
    const { api, tabId } = this.#options;
    try {
      const answer = await sendRequest(api, tabId, request);
      this.#turns.add({ type: "answered", id, answer });
    } catch (error) {
      this.#turns.add({ type: "refused", id, code: readWireError(error).appCode });
    }
  }

  /** Devices are released by the browser. If the tab does not come back, the server is told at once. */
  #pageEnds(mayReturn: boolean): void {
    const session = sessionOf(this.#state.peek());
    const { sendLast, tabId } = this.#options;
    if (mayReturn) return this.#return.remember(session, this.#paths.epochs);
    if (session === null || session.callId === null) return;
    this.#return.remember(null);
    sendLast("calls.leave", { tabId, callId: session.callId });
  }
}

function planFor(state: CallState, screenMode: ScreenMode): MediaPlan {
  const session = sessionOf(state);
  const participants = session?.call?.participants ?? [];
  const media = session?.want ?? SILENT;
  // An SFU takes everything once, and gives each receiver the size that it needs.
  const isForwarded = session?.call?.topology === "sfu" && session.isSfuUp;
  return planMedia({
    participantCount: isForwarded ? 2 : participants.length,
    media,
    screenMode,
    isScreenShared: !isForwarded && (media.screen || participants.some((one) => one.media.screen)),
  });
}

function now(): number {
  return performance.now();
}
