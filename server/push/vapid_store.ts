import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";

/** By which push services recognise this server (RFC 8292), as base64url: an uncompressed point, and a scalar. */
export interface VapidKeys {
  readonly publicKey: string;
  readonly privateKey: string;
}

/** The one pair of keys of a workspace, whatever the number of instances. */
export class VapidStore {
  readonly #db: Database;
  #keys: Promise<VapidKeys> | null = null;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Returns the pair, which the first call of all makes and stores. */
  load(): Promise<VapidKeys> {
    return this.#keys ??= this.#load().catch((error) => {
      this.#keys = null;
      throw error;
    });
  }

  async #load(): Promise<VapidKeys> {
    const entry = await this.#db.get<VapidKeys>(keys.pushKeys());
    if (entry.value !== null) return entry.value;
    const made = await makeKeys();
    const isStored = await this.#db.commit({ checks: [entry], sets: [[entry.key, made]] }) !== null;
    // Another instance was faster.
    return isStored ? made : await this.#load();
  }
}

async function makeKeys(): Promise<VapidKeys> {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign"]);
  const [point, { d }] = await Promise.all([
    crypto.subtle.exportKey("raw", pair.publicKey),
    crypto.subtle.exportKey("jwk", pair.privateKey),
  ]);
  if (d === undefined) throw new Error("Cannot export the private key");
  const publicKey = new Uint8Array(point).toBase64({ alphabet: "base64url", omitPadding: true });
  return { publicKey, privateKey: d };
}
