import { readPushPayload } from "../../shared/notify/push_payload.ts";
import type { PushPayload } from "../../shared/notify/push_payload.ts";

/** What a browser hands to the server. */
export interface Subscription {
  readonly endpoint: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

/** A push as its device got it. */
export interface ReceivedPush {
  readonly device: string;
  readonly headers: Headers;
  readonly bodyBytes: number;
  readonly payload: PushPayload;
  /** What the VAPID token says; its signature is right. */
  readonly claims: { readonly aud: string; readonly sub: string; readonly exp: number };
  /** The key of the server, as base64url. */
  readonly publicKey: string;
}

interface Device {
  readonly pair: CryptoKeyPair;
  readonly point: Uint8Array<ArrayBuffer>;
  readonly auth: Uint8Array<ArrayBuffer>;
}

type Answer = (device: string, attempt: number) => Response | Promise<Response>;

const P256 = { name: "ECDH", namedCurve: "P-256" } as const;

/** A push service on a free port with its browsers. It checks the sender and decrypts what arrives, as devices do. */
export class PushService implements AsyncDisposable {
  /** What arrived and was taken. */
  readonly received: ReceivedPush[] = [];
  /** Devices in the order in which they were asked for, refused ones included. */
  readonly asked: string[] = [];
  readonly #devices = new Map<string, Device>();
  readonly #server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    (request) => this.#take(request),
  );
  #answer: Answer = () => new Response(null, { status: 201 });

  /** Answers from now on in this way. */
  answerBy(answer: Answer): void {
    this.#answer = answer;
  }

  get port(): number {
    return this.#server.addr.port;
  }

  /** Goes to this service in place of the real one. */
  readonly fetch: typeof fetch = (input, init) => fetchAt(this.port)(input, init);

  /** Subscribes a new device. */
  async subscribe(name: string): Promise<Subscription> {
    const pair = await crypto.subtle.generateKey(P256, true, ["deriveBits"]);
    const point = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
    const auth = crypto.getRandomValues(new Uint8Array(16));
    this.#devices.set(name, { pair, point, auth });
    return {
      endpoint: `https://fcm.googleapis.com/fcm/send/${name}`,
      keys: { p256dh: toText(point), auth: toText(auth) },
    };
  }

  /** The payloads that a device got. */
  payloadsOf(name: string): PushPayload[] {
    return this.received.filter(({ device }) => device === name).map(({ payload }) => payload);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  async #take(request: Request): Promise<Response> {
    const name = new URL(request.url).pathname.split("/").at(-1) ?? "";
    const body = new Uint8Array(await request.arrayBuffer());
    this.asked.push(name);
    const answer = await this.#answer(name, this.asked.filter((each) => each === name).length);
    if (answer.status !== 201) return answer;
    const device = this.#devices.get(name);
    if (device === undefined) return new Response(null, { status: 404 });
    const { claims, publicKey } = await readVapid(request.headers);
    const payload = readPushPayload(await decrypt(device, body));
    if (payload === null) throw new Error("Cannot read the payload");
    this.received.push({
      device: name,
      headers: request.headers,
      bodyBytes: body.length,
      payload,
      claims,
      publicKey,
    });
    return answer;
  }
}

/** Goes to the push service on this port in place of the real one. */
export function fetchAt(port: number): typeof fetch {
  return (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const headers = new Headers(init?.headers);
    headers.set("x-origin", url.origin);
    return fetch(`http://127.0.0.1:${port}${url.pathname}`, { ...init, headers });
  };
}

/** Checks the signature of the sender (RFC 8292). */
async function readVapid(headers: Headers) {
  const [, token = "", publicKey = ""] = /^vapid t=(.+), k=(.+)$/.exec(headers.get("authorization") ?? "") ??
    [];
  const [head = "", claims = "", signature = ""] = token.split(".");
  const ecdsa = { name: "ECDSA", namedCurve: "P-256" };
  const key = await crypto.subtle.importKey("raw", toBytes(publicKey), ecdsa, false, ["verify"]);
  const signed = new TextEncoder().encode(`${head}.${claims}`);
  const isSigned = await crypto.subtle.verify(
    { name: "ECDSA", hash: "SHA-256" },
    key,
    toBytes(signature),
    signed,
  );
  if (!isSigned) throw new Error("The signature of the sender is wrong");
  const read = JSON.parse(new TextDecoder().decode(toBytes(claims))) as ReceivedPush["claims"];
  if (read.aud !== headers.get("x-origin")) throw new Error(`The token is for ${read.aud}`);
  return { claims: read, publicKey };
}

/** Decrypts a body of one record (RFC 8188, 8291). */
async function decrypt({ pair, point, auth }: Device, body: Uint8Array<ArrayBuffer>): Promise<string> {
  const salt = body.slice(0, 16);
  const senderPoint = body.slice(21, 21 + (body[20] ?? 0));
  const sender = await crypto.subtle.importKey("raw", senderPoint, P256, false, []);
  const secret = new Uint8Array(
    await crypto.subtle.deriveBits({ name: "ECDH", public: sender }, pair.privateKey, 256),
  );
  const text = new TextEncoder();
  const info = new Uint8Array([...text.encode("WebPush: info\0"), ...point, ...senderPoint]);
  const input = await hkdf(secret, auth, info, 32);
  const key = await hkdf(input, salt, text.encode("Content-Encoding: aes128gcm\0"), 16);
  const iv = await hkdf(input, salt, text.encode("Content-Encoding: nonce\0"), 12);
  const aes = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["decrypt"]);
  const plain = await crypto.subtle.decrypt(
    { name: "AES-GCM", iv },
    aes,
    body.slice(21 + senderPoint.length),
  );
  const bytes = new Uint8Array(plain);
  // The last record ends with 2 and zeros.
  return new TextDecoder().decode(bytes.subarray(0, bytes.lastIndexOf(2)));
}

async function hkdf(
  secret: Uint8Array<ArrayBuffer>,
  salt: Uint8Array<ArrayBuffer>,
  info: Uint8Array<ArrayBuffer>,
  sizeBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const key = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  return new Uint8Array(
    await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt, info }, key, 8 * sizeBytes),
  );
}

function toText(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

function toBytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromBase64(text, { alphabet: "base64url" });
}
