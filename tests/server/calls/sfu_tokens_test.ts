import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { SfuTokens } from "../../../server/calls/sfu_tokens.ts";
import { newId } from "../../../shared/ids.ts";
import type { CallId, ParticipantId } from "../../../shared/ids.ts";

const KEY = "parley";
const SECRET = "thirty-two-characters-or-more-of-it";
const NOW = Date.UTC(2030, 0, 31);

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(part(token, 1));
}

function part(token: string, index: number): string {
  const bytes = Uint8Array.fromBase64(token.split(".")[index] ?? "", { alphabet: "base64url" });
  return new TextDecoder().decode(bytes);
}

describe("a token for LiveKit", () => {
  it("lets one participant send and receive media in one call, for ten minutes", async () => {
    const tokens = new SfuTokens({ key: KEY, secret: SECRET }, () => NOW);
    const [callId, participantId] = [newId<CallId>(), newId<ParticipantId>()];
    const token = await tokens.join(callId, participantId);
    expect(JSON.parse(part(token, 0))).toEqual({ alg: "HS256", typ: "JWT" });
    expect(claimsOf(token)).toEqual({
      iss: KEY,
      sub: participantId,
      nbf: NOW / 1_000,
      exp: NOW / 1_000 + 600,
      video: {
        room: callId,
        roomJoin: true,
        canPublish: true,
        canPublishSources: ["microphone", "camera", "screen_share", "screen_share_audio"],
        canPublishData: false,
        canSubscribe: true,
        canUpdateOwnMetadata: false,
      },
    });
  });

  it("is signed with the secret, without characters that an address would change", async () => {
    const token = await new SfuTokens({ key: KEY, secret: SECRET }, () => NOW).join(newId(), newId());
    expect(token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]{43}$/);
    const [header, payload, signature] = token.split(".");
    expect(createHmac("sha256", SECRET).update(`${header}.${payload}`).digest("base64url")).toBe(signature);
  });

  it("of ours administers one call, and is not for joining it", async () => {
    const tokens = new SfuTokens({ key: KEY, secret: SECRET }, () => NOW);
    const callId = newId<CallId>();
    expect(claimsOf(await tokens.administer(callId))).toEqual({
      iss: KEY,
      nbf: NOW / 1_000,
      exp: NOW / 1_000 + 60,
      video: { room: callId, roomAdmin: true },
    });
    expect(claimsOf(await tokens.end())["video"]).toEqual({ roomCreate: true });
  });
});
