import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { Random } from "../chaos/random.ts";
import type { Page } from "./browser.ts";

/** What happens to datagrams on the way. */
export interface Fault {
  /** The part of them that is lost, from 0 to 1. */
  readonly loss?: number;
  readonly delayMs?: number;
  readonly bitsPerSecond?: number;
  /** Nothing passes. */
  readonly isDead?: boolean;
}

interface Address {
  readonly host: string;
  readonly port: number;
}

/** What waits longer than this for a slow line is dropped, as by a router. */
const QUEUE_MAX_MS = 300;
const HEADERS_BYTES = 28;
const CANDIDATE_PATTERN = /^(candidate:\S+ \d+ udp \d+) ([\d.]+) (\d+) (typ host.*)$/i;
const LOOPBACK = "127.0.0.1";

/** Options of `FaultyPath`. */
export interface FaultyPathOptions {
  /** The same datagrams are lost for the same seed, if the same ones are sent. */
  readonly seed?: number;
  /** Also uses candidates of other networks of this machine: Firefox has none on loopback beside those. */
  readonly hasAllNetworks?: boolean;
}

/**
 * A path between browsers on loopback that can be made worse. Pages that use it are told, in place of each candidate of
 * another browser, the port of a socket of ours that stands for it; no other candidate reaches them. What arrives there
 * leaves through the socket that stands for the sender, so each side sees the other at the address that it knows.
 */
export class FaultyPath implements AsyncDisposable {
  /** The sockets by the address that they stand for. */
  readonly #standIns = new Map<string, Promise<Socket>>();
  readonly #deaf: Promise<Socket>[] = [];
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  readonly #freeAt = new Map<string, number>();
  readonly #random: Random;
  readonly #hasAllNetworks: boolean;
  #fault: Fault = {};
  #passedCount = 0;
  #droppedCount = 0;

  constructor({ seed = 1, hasAllNetworks = false }: FaultyPathOptions = {}) {
    this.#random = new Random(seed);
    this.#hasAllNetworks = hasAllNetworks;
  }

  /** How many datagrams were passed on and how many were not, since the start. */
  get counts(): { readonly passed: number; readonly dropped: number } {
    return { passed: this.#passedCount, dropped: this.#droppedCount };
  }

  /** What happens from now on; `{}` repairs the path. What is already on its way arrives as before. */
  set(fault: Fault): void {
    this.#fault = fault;
    this.#freeAt.clear();
  }

  /**
   * Lets the addresses that browsers know lead nowhere, as when somebody changes from Wi-Fi to mobile data. New
   * candidates get new ones.
   */
  changeAddresses(): void {
    for (const socket of this.#standIns.values()) this.#deaf.push(socket);
    this.#standIns.clear();
  }

  /** Lets all connections that a page opens later use this path. Call it before the page loads anything. */
  async lead(page: Page): Promise<void> {
    await page.exposeFunction("standInFor", (candidate: string) => this.standInFor(candidate));
    await page.addInitScript(() => {
      // Not every browser has the function already now.
      const standInFor = (candidate: string) =>
        (globalThis as unknown as { standInFor(candidate: string): Promise<string | null> })
          .standInFor(candidate);
      const { prototype } = RTCPeerConnection;
      // Without the forms with callbacks.
      const addIceCandidate = prototype.addIceCandidate as (
        this: RTCPeerConnection,
        candidate?: RTCIceCandidateInit,
      ) => Promise<void>;
      const setRemoteDescription = prototype.setRemoteDescription as (
        this: RTCPeerConnection,
        description: RTCSessionDescriptionInit,
      ) => Promise<void>;
      prototype.addIceCandidate = async function (
        this: RTCPeerConnection,
        given?: RTCIceCandidateInit | null,
      ) {
        if (given === null || given === undefined || (given.candidate ?? "") === "") {
          return await addIceCandidate.call(this, given ?? undefined);
        }
        const candidate = await standInFor(given.candidate ?? "");
        if (candidate === null) return;
        const { sdpMid = null, sdpMLineIndex = null, usernameFragment = null } = given;
        await addIceCandidate.call(this, { candidate, sdpMid, sdpMLineIndex, usernameFragment });
      };
      prototype.setRemoteDescription = async function (
        this: RTCPeerConnection,
        { type, sdp = "" }: RTCSessionDescriptionInit,
      ) {
        const lines = await Promise.all(
          sdp.split("\r\n").map(async (line) => {
            if (!line.startsWith("a=candidate:")) return line;
            const candidate = await standInFor(line.slice(2));
            return candidate === null ? null : `a=${candidate}`;
          }),
        );
        const changed = lines.filter((line) => line !== null).join("\r\n");
        await setRemoteDescription.call(this, { type, sdp: changed });
      };
    });
  }

  /** Returns what to tell in place of a candidate; null if it must not be told at all. */
  async standInFor(candidate: string): Promise<string | null> {
    const [, head, host, port, tail] = CANDIDATE_PATTERN.exec(candidate) ?? [];
    if (head === undefined || host === undefined || tail === undefined) return null;
    if (host !== LOOPBACK && !this.#hasAllNetworks) return null;
    const socket = await this.#standIn({ host, port: Number(port) });
    return `${head} ${LOOPBACK} ${socket.address().port} ${tail}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    this.changeAddresses();
    for (const socket of this.#deaf) await close(await socket);
  }

  #standIn(target: Address): Promise<Socket> {
    const name = nameOf(target);
    return this.#standIns.getOrInsertComputed(name, () => {
      const bound = bind((bytes, from) => {
        const isKnown = this.#standIns.get(name) === bound;
        void this.#pass(bytes, { from, to: target, isKnown });
      });
      return bound;
    });
  }

  async #pass(
    bytes: Uint8Array,
    { from, to, isKnown }: { readonly from: Address; readonly to: Address; readonly isKnown: boolean },
  ): Promise<void> {
    const waitMs = isKnown ? this.#waitMs(bytes.length, to) : null;
    if (waitMs === null) {
      this.#droppedCount++;
      return;
    }
    const socket = await this.#standIn(from);
    const send = () => {
      this.#passedCount++;
      try {
        socket.send(bytes, to.port, to.host, () => {});
      } catch {
        // It was closed while the datagram was on its way.
      }
    };
    if (waitMs === 0) return send();
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      send();
    }, waitMs);
    this.#timers.add(timer);
  }

  /** How long a datagram takes on its way; null if it is lost. */
  #waitMs(sizeBytes: number, to: Address): number | null {
    const { loss = 0, delayMs = 0, bitsPerSecond, isDead = false } = this.#fault;
    if (isDead || this.#random.chance(loss)) return null;
    if (bitsPerSecond === undefined) return delayMs;
    const now = performance.now();
    const freeAt = Math.max(now, this.#freeAt.get(nameOf(to)) ?? 0) +
      (sizeBytes + HEADERS_BYTES) * 8_000 / bitsPerSecond;
    if (freeAt - now > QUEUE_MAX_MS) return null;
    this.#freeAt.set(nameOf(to), freeAt);
    return delayMs + freeAt - now;
  }
}

function nameOf({ host, port }: Address): string {
  return `${host}:${port}`;
}

async function bind(onDatagram: (bytes: Uint8Array, from: Address) => void): Promise<Socket> {
  const socket = createSocket("udp4");
  socket.on("message", (bytes, { address, port }) => onDatagram(bytes, { host: address, port }));
  // The browser has closed its side.
  socket.on("error", () => {});
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.bind(0, LOOPBACK, resolve);
  await promise;
  return socket;
}

async function close(socket: Socket): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.close(() => resolve());
  await promise;
}
