import "../base.ts";
import { isPathDead, watchPath } from "../../../shared/call/path_watch.ts";
import type { PathWatch } from "../../../shared/call/path_watch.ts";
import type { PacketCounts } from "../../../shared/call/media_watch.ts";
import type { LinkFigures } from "../call_parts.ts";
import { figuresBetween, readCounts } from "./link_stats.ts";
import type { LinkCounts } from "./link_stats.ts";
import { preferOtherRelays } from "./other_relays.ts";

/** What the counters say at one moment. */
export interface LinkReading {
  readonly packets: PacketCounts;
  /** When something arrived last, by the clock of the watch; null if nothing has since the last time. */
  readonly heardAt: number | null;
  readonly isDead: boolean;
  /** The figures of the last second; null if it is not over. */
  readonly figures: LinkFigures | null;
  /** When to read again. */
  readonly againInMs: number;
}

/** How often the counters are read, */
const READ_MS = 500;
/** and how often when nothing was heard meanwhile; */
const QUIET_MS = 200;
/** but not for longer than this, when the silence has long been noticed. */
const QUIET_MAX_MS = 5_000;
/** Two readings make about a second. */
const FIGURES_MS = 900;

/** The counters of one connection. It is loaded when there is one. */
export class LinkWatch {
  readonly #peer: RTCPeerConnection;
  readonly #now: () => number;
  #counts: LinkCounts | null = null;
  #path: PathWatch | null = null;
  #serverUrl: string | null = null;

  /** `now` is a monotonic clock in milliseconds. */
  constructor(peer: RTCPeerConnection, now: () => number) {
    this.#peer = peer;
    this.#now = now;
  }

  /** A beat has arrived. */
  heard(): void {
    if (this.#path !== null) this.#path = { ...this.#path, heardAt: this.#now(), waitsSince: null };
  }

  /** Returns the servers for a restart: in silence, the relay in use may be what has died. */
  serversFor(servers: RTCIceServer[]): RTCIceServer[] {
    const isSilent = this.#path !== null && this.#now() - this.#path.heardAt >= READ_MS;
    return isSilent && this.#serverUrl !== null ? preferOtherRelays(servers, this.#serverUrl) : servers;
  }

  /** Reads the counters; `hasMedia` says whether the peer tells that it sends any. */
  async read(hasMedia: boolean): Promise<LinkReading> {
    const counts = await readCounts(this.#peer, this.#now());
    const [before, known] = [this.#counts, this.#path];
    const path = watchPath(known, counts);
    this.#path = path;
    this.#serverUrl = counts.serverUrl;
    const hasFigures = before === null || counts.at - before.at >= FIGURES_MS;
    if (hasFigures) this.#counts = counts;
    const silentMs = counts.at - path.heardAt;
    return {
      packets: counts.packets,
      heardAt: known !== null && path.heardAt > known.heardAt ? path.heardAt : null,
      isDead: isPathDead(path, hasMedia),
      figures: hasFigures ? figuresBetween(before, counts) : null,
      againInMs: silentMs < READ_MS || silentMs > QUIET_MAX_MS ? READ_MS : QUIET_MS,
    };
  }
}
