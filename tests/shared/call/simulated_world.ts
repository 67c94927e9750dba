import type { CallRequest } from "../../../shared/call/call_requests.ts";
import { sessionOf } from "../../../shared/call/call_state.ts";
import type { CallUpdate } from "../../../shared/call/call_types.ts";
import { BEAT_MS } from "../../../shared/call/link_state.ts";
import type { MeshEffect } from "../../../shared/call/mesh_state.ts";
import type { UserId } from "../../../shared/ids.ts";
import { SimulatedDevice } from "./simulated_device.ts";
import type { Surroundings } from "./simulated_device.ts";
import { Refusal, SimulatedServer } from "./simulated_server.ts";
import type { Tab } from "./simulated_server.ts";

/** How bad the network is. Each share is of 1. */
export interface Weather {
  readonly lost: number;
  readonly doubled: number;
  readonly delayMaxMs: number;
}

/** A network without faults. */
export const FAIR: Weather = { lost: 0, doubled: 0, delayMaxMs: 20 };

/** Options of a world: whom it has, and where its chance comes from. */
export interface WorldOptions {
  readonly people: readonly { readonly name: string; readonly session?: string; readonly tickMs?: number }[];
  readonly isDirect?: boolean;
  readonly seed?: number;
}

interface Stream {
  isOpen: boolean;
  run: number;
  /** Nothing arrives before the snapshot. */
  notBefore: number;
}

/** Devices, a server, and the network between them, in simulated time. */
export class SimulatedWorld implements Surroundings {
  readonly server: SimulatedServer;
  readonly devices: readonly SimulatedDevice[];
  weather: Weather = FAIR;
  nowMs = 0;
  readonly #queue: { readonly at: number; readonly order: number; readonly run: () => void }[] = [];
  readonly #streams = new Map<Tab, Stream>();
  readonly #deadPaths = new Map<string, number>();
  readonly #deadSessions = new Set<string>();
  readonly #connected = new WeakSet<object>();
  /** Tracks that are told but not sent, by sender and receiver. */
  readonly dry = new Set<string>();
  #order = 0;
  #random: number;

  constructor({ people, isDirect = false, seed = 1 }: WorldOptions) {
    this.#random = seed >>> 0;
    const tabs = people.map(({ name, session = name }): Tab => {
      return { name, userId: session.replace(/\d+$/, "") as UserId, session };
    });
    this.server = new SimulatedServer(tabs, { isDirect, push: (tab, update) => this.push(tab, update) });
    this.devices = tabs.map((tab, index) => new SimulatedDevice(tab, this, people[index]?.tickMs));
    for (const device of this.devices) {
      this.#streams.set(device.tab, { isOpen: true, run: 0, notBefore: 0 });
      this.#beat(device);
    }
  }

  device(name: string): SimulatedDevice {
    const found = this.devices.find(({ tab }) => tab.name === name);
    if (found === undefined) throw new Error(`Nobody is called ${name}`);
    return found;
  }

  after(ms: number, run: () => void): void {
    this.#queue.push({ at: this.nowMs + Math.max(0, ms), order: this.#order++, run });
  }

  /** Lets time pass. */
  run(ms: number): void {
    const until = this.nowMs + ms;
    for (;;) {
      let next = 0;
      for (let index = 1; index < this.#queue.length; index += 1) {
        const [a, b] = [this.#queue[index], this.#queue[next]];
        if (a !== undefined && b !== undefined && (a.at - b.at || a.order - b.order) < 0) next = index;
      }
      const entry = this.#queue[next];
      if (entry === undefined || entry.at > until) break;
      this.#queue.splice(next, 1);
      this.#setNow(entry.at);
      entry.run();
    }
    this.#setNow(until);
  }

  push(tab: Tab, update: CallUpdate): void {
    const stream = this.#streams.get(tab);
    if (stream === undefined || !stream.isOpen) return;
    const { run } = stream;
    for (let copies = this.#copies(); copies > 0; copies -= 1) {
      const at = Math.max(this.nowMs + this.#delay(), stream.notBefore);
      this.after(at - this.nowMs, () => {
        if (stream.run === run && stream.isOpen) this.device(tab.name).onUpdate(update);
      });
    }
  }

  request(from: SimulatedDevice, id: number, request: CallRequest): void {
    const isCut = () => this.#streams.get(from.tab)?.isOpen !== true;
    if (isCut() || this.#chance(this.weather.lost)) return;
    this.after(this.#delay(), () => {
      const answered = this.#handle(from.tab, id, request);
      // Whoever joins without a stream has a lease that runs.
      if (isCut()) this.server.streamChanged(from.tab, false);
      if (isCut() || this.#chance(this.weather.lost)) return;
      for (let copies = this.#copies(); copies > 0; copies -= 1) {
        this.after(this.#delay(), () => {
          // A connection that is cut loses the answers on their way, too.
          if (!isCut()) from.onCall(answered);
        });
      }
    });
  }

  #handle(tab: Tab, id: number, request: CallRequest) {
    try {
      return { type: "answered", id, answer: this.server.handle(tab, request) } as const;
    } catch (error) {
      if (error instanceof Refusal) return { type: "refused", id, code: error.code } as const;
      throw error;
    }
  }

  signal(
    from: SimulatedDevice,
    { to, epoch, seq, kind, payload }: Extract<MeshEffect, { type: "signal" }>,
  ): void {
    const callId = sessionOf(from.call)?.callId ?? null;
    if (callId === null || this.#chance(this.weather.lost)) return;
    this.after(this.#delay(), () => {
      const receiver = this.server.receiver(from.tab, to);
      if (receiver === null) return;
      this.push(receiver.tab, { type: "signal", callId, from: receiver.from, epoch, seq, kind, payload });
    });
  }

  /** Cuts a device from the server for a while. */
  cutStream(device: SimulatedDevice, ms: number): void {
    const stream = this.#streams.get(device.tab);
    if (stream === undefined || !stream.isOpen) return;
    stream.isOpen = false;
    stream.run += 1;
    this.server.streamChanged(device.tab, false);
    device.onCall({ type: "stream", isOpen: false });
    this.after(ms, () => this.#openStream(device, stream));
  }

  #openStream(device: SimulatedDevice, stream: Stream): void {
    if (!device.isAlive) return;
    stream.isOpen = true;
    this.server.streamChanged(device.tab, true);
    stream.notBefore = this.nowMs + this.#delay();
    const { run } = stream;
    const snapshot = this.server.snapshot(device.tab);
    this.after(stream.notBefore - this.nowMs, () => {
      if (stream.run !== run) return;
      device.onCall({ type: "stream", isOpen: true });
      device.onUpdate(snapshot);
    });
    stream.notBefore += 1;
  }

  /** Ends a device without a word. */
  kill(device: SimulatedDevice): void {
    device.isAlive = false;
    const stream = this.#streams.get(device.tab);
    if (stream !== undefined) stream.isOpen = false;
    this.server.streamChanged(device.tab, false);
  }

  /** Lets nothing through between two devices for a while. */
  cutPath(a: SimulatedDevice, b: SimulatedDevice, ms: number): void {
    this.#deadPaths.set(pathKey(a, b), this.nowMs + ms);
  }

  /** The path in use dies for good, as when somebody changes the network: only a restart finds another one. */
  breakPath(a: SimulatedDevice, b: SimulatedDevice): void {
    const session = this.#connection(a, b)?.connection.session;
    if (session !== undefined && session !== null) this.#deadSessions.add(session);
  }

  heal(): void {
    this.weather = FAIR;
    this.#deadPaths.clear();
    this.dry.clear();
  }

  #connection(from: SimulatedDevice, to: SimulatedDevice) {
    const participantId = this.server.participantOf(to.tab);
    return participantId === null ? undefined : from.connections.get(participantId);
  }

  /** Beats, packets and new paths, from one device to all others. */
  #beat(device: SimulatedDevice): void {
    this.after(Math.max(BEAT_MS, device.tickMs), () => {
      if (!device.isAlive) return;
      for (const other of this.devices) if (other !== device && other.isAlive) this.#reach(device, other);
      this.#beat(device);
    });
  }

  #reach(from: SimulatedDevice, to: SimulatedDevice): void {
    const [sender, receiver] = [this.#connection(from, to), this.#connection(to, from)];
    if (sender === undefined || receiver === undefined) return;
    const { connection } = receiver;
    const isPair = sender.connection.session !== null && sender.connection.session === connection.session &&
      !sender.connection.isClosed && !connection.isClosed &&
      (sender.connection.hasCandidates || connection.hasCandidates);
    const isDead = (this.#deadPaths.get(pathKey(from, to)) ?? 0) > this.nowMs ||
      this.#deadSessions.has(connection.session ?? "");
    if (!isPair || isDead || this.#chance(this.weather.lost)) return;
    const participantId = this.server.participantOf(from.tab);
    if (participantId === null) return;
    const { epoch } = connection;
    if (!this.#connected.has(connection)) {
      this.#connected.add(connection);
      to.onLink(participantId, receiver.seq, { type: "connected", epoch });
    }
    to.onLink(participantId, receiver.seq, { type: "beat", epoch, isHidden: from.tickMs > 1 });
    this.#carry(from, to, epoch);
  }

  #carry(from: SimulatedDevice, to: SimulatedDevice, epoch: number): void {
    const participantId = this.server.participantOf(from.tab);
    const participant = sessionOf(to.call)?.call?.participants.find((one) =>
      one.participantId === participantId
    );
    if (participant === undefined || participantId === null) return;
    const count = this.dry.has(`${from.tab.name}>${to.tab.name}`) ? 0 : this.nowMs;
    const packets = { mic: count, cam: count, screen: count, screenAudio: count };
    to.onLink(participantId, participant.seq, { type: "media", epoch, told: participant.media, packets });
  }

  #setNow(nowMs: number): void {
    this.nowMs = nowMs;
    this.server.nowMs = nowMs;
    this.server.tick();
  }

  /** A number from 0 to 1 (mulberry32). */
  #next(): number {
    this.#random = (this.#random + 0x6d2b79f5) >>> 0;
    let mixed = this.#random;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  #chance(share: number): boolean {
    return share > 0 && this.#next() < share;
  }

  #delay(): number {
    return 1 + Math.floor(this.#next() * this.weather.delayMaxMs);
  }

  #copies(): number {
    return this.#chance(this.weather.doubled) ? 2 : 1;
  }
}

function pathKey(a: SimulatedDevice, b: SimulatedDevice): string {
  return [a.tab.name, b.tab.name].toSorted().join("-");
}
