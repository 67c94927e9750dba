import type { LiveKitConfig } from "../call_servers.ts";
import type { CallId, ParticipantId } from "../../shared/ids.ts";

/** A client joins at once; LiveKit itself renews the token of whoever is there. */
const JOIN_MS = 10 * 60_000;
/** For one request of ours. */
const ADMIN_MS = 60_000;
/** What a call sends; nothing else passes through the server. */
const SOURCES = ["microphone", "camera", "screen_share", "screen_share_audio"];
const HEADER = encode(JSON.stringify({ alg: "HS256", typ: "JWT" }));

/** Signs tokens for LiveKit (JSON Web Tokens, HS256). */
export class SfuTokens {
  readonly #issuer: string;
  readonly #key: Promise<CryptoKey>;
  readonly #now: () => number;

  /** `now` returns epoch milliseconds. */
  constructor({ key, secret }: Pick<LiveKitConfig, "key" | "secret">, now: () => number) {
    this.#issuer = key;
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    this.#key = crypto.subtle.importKey("raw", new TextEncoder().encode(secret), algorithm, false, ["sign"]);
    this.#now = now;
  }

  /** Lets one device send and receive media in one call. Check before that it is a participant. */
  join(callId: CallId, participantId: ParticipantId): Promise<string> {
    const video = {
      room: callId,
      roomJoin: true,
      canPublish: true,
      canPublishSources: SOURCES,
      canPublishData: false,
      canSubscribe: true,
      canUpdateOwnMetadata: false,
    };
    return this.#sign({ sub: participantId, video }, JOIN_MS);
  }

  /** Lets us list and remove who is in one call. */
  administer(callId: CallId): Promise<string> {
    return this.#sign({ video: { room: callId, roomAdmin: true } }, ADMIN_MS);
  }

  /** Lets us end calls. */
  end(): Promise<string> {
    return this.#sign({ video: { roomCreate: true } }, ADMIN_MS);
  }

  async #sign(claims: Readonly<Record<string, unknown>>, lifetimeMs: number): Promise<string> {
    const nbf = Math.floor(this.#now() / 1_000);
    const payload = { iss: this.#issuer, nbf, exp: nbf + lifetimeMs / 1_000, ...claims };
    const signed = `${HEADER}.${encode(JSON.stringify(payload))}`;
    const signature = await crypto.subtle.sign("HMAC", await this.#key, new TextEncoder().encode(signed));
    return `${signed}.${toBase64Url(new Uint8Array(signature))}`;
  }
}

function encode(text: string): string {
  return toBase64Url(new TextEncoder().encode(text));
}

function toBase64Url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}
