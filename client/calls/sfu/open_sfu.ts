import { computed, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { backoffMs } from "../../net/backoff.ts";
import { pause } from "../../net/wait.ts";
import { readWireError } from "../../net/wire_error.ts";
import type { ParticipantId } from "../../../shared/ids.ts";
import type { OpenSfu, RemotePeer, SfuOptions, SfuPath } from "../call_parts.ts";
import type { SfuRoom } from "./sfu_room.ts";

type Peers = ReadonlyMap<ParticipantId, RemotePeer>;
const NOBODY: Peers = new Map();

/** Connects to LiveKit and stays connected. Its client is large, and loaded only now. */
export const openSfu: OpenSfu = (options) => new SfuConnection(options);

interface Stay {
  readonly wasUp: boolean;
  readonly retryAfterMs: number;
}

class SfuConnection implements SfuPath {
  readonly #options: SfuOptions;
  readonly #room = signal<SfuRoom | null>(null);
  readonly #end = new AbortController();

  readonly peers: ReadonlySignal<Peers> = computed(() => this.#room.value?.peers.value ?? NOBODY);

  constructor(options: SfuOptions) {
    this.#options = options;
    void this.#run();
  }

  [Symbol.dispose](): void {
    this.#end.abort();
    this.#room.value = null;
  }

  async #run(): Promise<void> {
    const { signal } = this.#end;
    let [failedCount, lostAt] = [0, Date.now()];
    while (!signal.aborted) {
      try {
        const { wasUp, retryAfterMs } = await this.#join(signal);
        [failedCount, lostAt] = wasUp ? [0, Date.now()] : [failedCount + 1, lostAt];
        const lostForMs = Date.now() - lostAt;
        await pause(backoffMs({ failedCount, lostForMs, atLeastMs: retryAfterMs }), signal);
      } catch {
        // It was left.
      }
    }
  }

  /** Stays in the room until it is lost; returns whether media went through it, and when it may be tried again. */
  async #join(signal: AbortSignal): Promise<Stay> {
    const { connect, relayOnly, onUp } = this.#options;
    let [wasUp, retryAfterMs] = [false, 0];
    try {
      const { SfuRoom } = await import("./sfu_room.ts");
      const [server, rtcConfig] = await Promise.all([connect(), relayOnly()]);
      if (signal.aborted) return { wasUp, retryAfterMs };
      using room = new SfuRoom({
        ...this.#options,
        signal,
        onUp: (isUp) => {
          wasUp ||= isUp;
          if (!signal.aborted) onUp(isUp);
        },
      });
      this.#room.value = room;
      await room.run({ ...server, rtcConfig });
    } catch (error) {
      // LiveKit cannot be reached, or our server does not let this device in before this time.
      retryAfterMs = readWireError(error).retryAfterMs;
    }
    if (!signal.aborted) {
      this.#room.value = null;
      if (wasUp) onUp(false);
    }
    return { wasUp, retryAfterMs };
  }
}
