import type { CallAct } from "../../../shared/call/call_acts.ts";
import { toneOf } from "../../../shared/call/call_outputs.ts";
import { NO_CALL, sessionOf } from "../../../shared/call/call_state.ts";
import type { CallState } from "../../../shared/call/call_state.ts";
import type { CallUpdate, Media } from "../../../shared/call/call_types.ts";
import type { CallRequest } from "../../../shared/call/call_requests.ts";
import { callDeadline, reduceCall } from "../../../shared/call/reduce_call.ts";
import type { CallEffect, CallEvent } from "../../../shared/call/reduce_call.ts";
import { meshDeadline, NO_LINKS, reduceMesh } from "../../../shared/call/mesh_state.ts";
import type { MeshEffect, MeshEvent, MeshState } from "../../../shared/call/mesh_state.ts";
import type { LinkEvent } from "../../../shared/call/link_state.ts";
import type { ParticipantId } from "../../../shared/ids.ts";
import { SimulatedConnection } from "./simulated_connection.ts";
import type { Tab } from "./simulated_server.ts";

/** What a device needs of the world around it. */
export interface Surroundings {
  readonly nowMs: number;
  after(ms: number, run: () => void): void;
  request(from: SimulatedDevice, id: number, request: CallRequest): void;
  signal(from: SimulatedDevice, signal: Extract<MeshEffect, { type: "signal" }>): void;
}

/** The longest that a phase may last, by its own timers and those of the requests in it. */
const PHASE_MAX_MS: Readonly<Record<string, number>> = {
  incoming: 47_000,
  outgoing: 130_000,
  connecting: 75_000,
  reconnecting: 45_000,
};
const NO_MEDIA = JSON.stringify({ mic: false, cam: false, screen: false, screenAudio: false });

/** A device that runs the reducers, and checks after each step what must always hold. */
export class SimulatedDevice {
  readonly tab: Tab;
  /** How often a hidden tab ticks; 1 ms in front. */
  readonly tickMs: number;
  readonly #world: Surroundings;
  call: CallState = NO_CALL;
  mesh: MeshState = NO_LINKS;
  isAlive = true;
  /** By participant, and the connection with its peer's seq. */
  readonly connections = new Map<ParticipantId, { seq: number; connection: SimulatedConnection }>();
  devices: Media | null = null;
  readonly requests: CallRequest[] = [];
  readonly phases: string[] = [];
  #linkCount = 0;
  #callWake: number | null = null;
  #meshWake: number | null = null;
  #phaseSince = 0;

  constructor(tab: Tab, world: Surroundings, tickMs = 1) {
    this.tab = tab;
    this.tickMs = tickMs;
    this.#world = world;
  }

  act(act: CallAct): void {
    this.onCall({ type: "act", act });
  }

  get tone() {
    return toneOf(this.call);
  }

  onUpdate(update: CallUpdate): void {
    if (!this.isAlive) return;
    if (update.type !== "signal") return this.onCall({ type: "update", update });
    if (sessionOf(this.call)?.callId === update.callId) this.onMesh({ type: "signal", signal: update });
  }

  onCall(event: CallEvent): void {
    if (!this.isAlive) return;
    const { nowMs } = this.#world;
    const before = this.call.stage.phase;
    const { state, effects } = reduceCall(this.call, event, nowMs);
    this.call = state;
    const { phase } = state.stage;
    if (phase !== before || phase === "idle") this.#phaseSince = nowMs;
    if (phase !== before) this.phases.push(phase);
    for (const effect of effects) this.#run(effect);
    this.#check();
  }

  onMesh(event: MeshEvent): void {
    if (!this.isAlive) return;
    const { nowMs } = this.#world;
    const newId = () => `${this.tab.name}${this.#linkCount++}`;
    const { state, effects } = reduceMesh(this.mesh, event, { nowMs, newId });
    this.mesh = state;
    for (const effect of effects) this.#runMesh(effect);
    const at = meshDeadline(this.mesh);
    if (event.type === "tick" && at !== null && at <= nowMs) {
      throw new Error(`${this.tab.name}: the mesh ticks without progress`);
    }
  }

  onLink(
    participantId: ParticipantId,
    seq: number,
    event: Exclude<LinkEvent, { type: "signal" | "tick" | "network_changed" }>,
  ): void {
    this.onMesh({ type: "link", participantId, seq, event });
  }

  /** Loses all links, as a page does that is reloaded and comes back as the same participant. */
  forgetLinks(): void {
    const { own } = this.mesh;
    const peers = [...this.mesh.links].map(([participantId, { seq }]) => ({ participantId, seq }));
    for (const { connection } of this.connections.values()) connection.isClosed = true;
    this.connections.clear();
    this.mesh = NO_LINKS;
    for (const { participantId, seq } of peers) {
      this.onCall({ type: "link", participantId, seq, isUp: false });
    }
    if (own !== null) this.onMesh({ type: "links", own, peers });
  }

  #run(effect: CallEffect): void {
    switch (effect.type) {
      case "request":
        this.requests.push(effect.request);
        return this.#world.request(this, effect.id, effect.request);
      case "devices":
        this.devices = effect.media;
        return;
      case "links":
        return this.onMesh(effect);
      case "sfu":
        return;
      case "wake":
        this.#callWake = effect.at;
        return this.#wakeAt(effect.at, () => {
          if (this.#callWake === effect.at) this.onCall({ type: "tick" });
        });
    }
  }

  #runMesh(effect: MeshEffect): void {
    switch (effect.type) {
      case "signal":
        return this.#world.signal(this, effect);
      case "changed": {
        const { participantId, seq, isUp } = effect;
        return this.onCall({ type: "link", participantId, seq, isUp });
      }
      case "link":
        return this.#runLink(effect);
      case "wake":
        this.#meshWake = effect.at;
        return this.#wakeAt(effect.at, () => {
          if (this.#meshWake === effect.at) this.onMesh({ type: "tick" });
        });
    }
  }

  #wakeAt(at: number | null, run: () => void): void {
    if (at === null) return;
    const { nowMs } = this.#world;
    const tickAt = Math.ceil(Math.max(at, nowMs) / this.tickMs) * this.tickMs;
    // Timers of browsers fire a little early: once for each alarm, unless it is due at once.
    const earlyMs = this.tickMs === 1 && tickAt - nowMs > 1 ? 1 : 0;
    this.#world.after(tickAt - nowMs - earlyMs, run);
  }

  #runLink({ participantId, seq, effect }: Extract<MeshEffect, { type: "link" }>): void {
    if (effect.type === "renew") {
      return this.#world.after(40, () => this.onLink(participantId, seq, { type: "renewed" }));
    }
    const found = this.connections.get(participantId);
    if (effect.type === "create") {
      if (found?.seq === seq && !found.connection.isClosed && found.connection.epoch >= effect.epoch) {
        throw new Error("A new connection needs a new epoch");
      }
      if (found !== undefined) found.connection.isClosed = true;
      const connection = new SimulatedConnection({
        epoch: effect.epoch,
        isOfferer: effect.isOfferer,
        name: `${this.tab.name}${this.#linkCount}`,
        report: (event, afterMs) => {
          this.#world.after(afterMs, () => {
            if (connection.isClosed || event.type === "signal" || event.type === "tick") return;
            if (event.type === "network_changed") return;
            this.onLink(participantId, seq, event);
          });
        },
      });
      this.connections.set(participantId, { seq, connection });
    } else if (found !== undefined && found.seq === seq && found.connection.epoch === effect.epoch) {
      found.connection.apply(effect);
    } else if (effect.type !== "close") {
      throw new Error(`${this.tab.name}: ${effect.type} without a connection`);
    }
  }

  /** What holds after every step. */
  #check(): void {
    const { nowMs } = this.#world;
    const { stage, pending, waiting } = this.call;
    const fail = (what: string): never => {
      throw new Error(`${this.tab.name} in ${stage.phase} at ${nowMs}: ${what}`);
    };
    const at = callDeadline(this.call);
    if (at !== null && at <= nowMs) fail("ticks without progress");
    const isOver = stage.phase === "ended" || stage.phase === "idle";
    if (isOver && this.tone !== null) fail(`plays ${this.tone}`);
    if (!("session" in stage)) {
      if (this.devices !== null && JSON.stringify(this.devices) !== NO_MEDIA) fail("holds devices");
      if (this.mesh.links.size > 0) fail("holds links");
      if (waiting.length > 0 && stage.phase !== "incoming") fail("hides a ring");
    }
    const session = sessionOf(this.call);
    for (const type of ["start", "accept", "join", "media", "current"]) {
      const alike = pending.filter(({ id, request }) => {
        const isAbandoned = type !== "media" && type !== "current" && id !== session?.requestId;
        return request.type === type && !isAbandoned &&
          (!("callId" in request) || request.callId === session?.callId);
      });
      if (alike.length > 1) fail(`${alike.length} requests to ${type} at once`);
    }
    const maxMs = PHASE_MAX_MS[stage.phase];
    const slackMs = 2 * this.tickMs + 1;
    if (maxMs !== undefined && nowMs - this.#phaseSince > maxMs + slackMs) fail("is stuck");
  }
}
