import * as v from "valibot";
import type { LiveKitConfig } from "../call_servers.ts";
import type { CallId, ParticipantId } from "../../shared/ids.ts";
import { SfuTokens } from "./sfu_tokens.ts";

/** A server that answers later than this is as good as away. */
const ANSWER_MS = 3_000;
const NOT_FOUND = 404;

const participantsSchema = v.object({
  participants: v.optional(v.array(v.object({ identity: v.string() })), []),
});

/** How a client reaches the LiveKit server. */
export interface SfuJoin {
  readonly url: string;
  readonly token: string;
}

export interface SfuRoomsOptions {
  readonly liveKit: LiveKitConfig;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
}

/** The rooms of a LiveKit server, one for each call; the identities in them are participant ids. */
export class SfuRooms {
  readonly #url: string;
  readonly #tokens: SfuTokens;
  readonly #closed = new AbortController();

  constructor({ liveKit, now }: SfuRoomsOptions) {
    this.#url = liveKit.url;
    this.#tokens = new SfuTokens(liveKit, now);
  }

  /** What a participant needs to join. Check before that it is one. */
  async join(callId: CallId, participantId: ParticipantId): Promise<SfuJoin> {
    return { url: this.#url, token: await this.#tokens.join(callId, participantId) };
  }

  /** Whether the server answers. */
  async isAlive(): Promise<boolean> {
    try {
      const response = await fetch(this.#address("/"), { signal: this.#signal() });
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false;
    }
  }

  /** Lists the identities that are connected. */
  async list(callId: CallId): Promise<string[]> {
    const answer = await this.#ask("ListParticipants", await this.#tokens.administer(callId), {
      room: callId,
    });
    return v.parse(participantsSchema, answer ?? {}).participants.map(({ identity }) => identity);
  }

  /** Takes one out. Whoever still holds a token can come back with it. */
  async remove(callId: CallId, identity: string): Promise<void> {
    await this.#ask("RemoveParticipant", await this.#tokens.administer(callId), { room: callId, identity });
  }

  /** Ends a call for everybody who is still connected. */
  async end(callId: CallId): Promise<void> {
    await this.#ask("DeleteRoom", await this.#tokens.end(), { room: callId });
  }

  /** Aborts all requests, and those that come later. */
  close(): void {
    this.#closed.abort();
  }

  /** Calls LiveKit's room service; null if what it is asked about is not there. */
  async #ask(method: string, token: string, body: Readonly<Record<string, string>>): Promise<unknown> {
    const response = await fetch(this.#address(`/twirp/livekit.RoomService/${method}`), {
      method: "POST",
      headers: { "Authorization": `Bearer ${token}`, "Content-Type": "application/json" },
      body: JSON.stringify(body),
      redirect: "error",
      signal: this.#signal(),
    });
    if (response.ok) return await response.json();
    await response.body?.cancel();
    if (response.status === NOT_FOUND) return null;
    throw new Error(`LiveKit answers ${method} with ${response.status}`);
  }

  #signal(): AbortSignal {
    return AbortSignal.any([AbortSignal.timeout(ANSWER_MS), this.#closed.signal]);
  }

  #address(path: string): string {
    return `${this.#url.replace(/^ws/, "http")}${path}`;
  }
}
