import { encryptNotification } from "@block65/webcrypto-web-push";
import { PUSH_PAYLOAD_MAX_BYTES } from "../../shared/notify/push_payload.ts";
import type { PushPayload } from "../../shared/notify/push_payload.ts";
import { hashSecret } from "../auth/secrets.ts";
import type { PushDevice } from "./push_subscription_store.ts";

/** Header, padding delimiter and tag of RFC 8188. */
const OVERHEAD_BYTES = 103;
const PLAIN_BYTES = PUSH_PAYLOAD_MAX_BYTES - OVERHEAD_BYTES;
/** RFC 8030 allows 32 characters. */
const TOPIC_LENGTH = 32;

/** How a push service treats a push. */
export interface PushWay {
  /** Of pushes of one topic that wait for the device, only the last is delivered. */
  readonly topic: string;
  /** How long the push service keeps it for a device that it cannot reach. */
  readonly ttlSeconds: number;
  readonly urgency: "normal" | "high";
}

/** What to send to a device. */
export interface PushRequest extends PushWay {
  readonly device: PushDevice;
  readonly payload: PushPayload;
}

/** Returns the headers and the encrypted body of a push (RFC 8030, 8291, 8292). All bodies have the same length. */
export async function buildPush(
  { device, payload, topic, ttlSeconds, urgency }: PushRequest,
  authorization: string,
): Promise<{ readonly headers: Record<string, string>; readonly body: Uint8Array<ArrayBuffer> }> {
  const target = { endpoint: device.endpoint, keys: device.keys, expirationTime: null };
  const body = await encryptNotification(target, padded(payload), { pad: false });
  return {
    headers: {
      authorization,
      "content-encoding": "aes128gcm",
      "content-type": "application/octet-stream",
      ttl: String(ttlSeconds),
      urgency,
      // Push services need not learn ids.
      topic: hashSecret(`${device.sessionId} ${topic}`).slice(0, TOPIC_LENGTH),
    },
    body,
  };
}

/** Spaces at the end of JSON mean nothing, and hide how long the text is. */
function padded(payload: PushPayload): Uint8Array {
  const bytes = new TextEncoder().encode(JSON.stringify(payload));
  if (bytes.length > PLAIN_BYTES) throw new RangeError(`A push has ${bytes.length} bytes`);
  const plain = new Uint8Array(PLAIN_BYTES).fill(32);
  plain.set(bytes);
  return plain;
}
