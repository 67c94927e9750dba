import { vapidHeaders } from "@block65/webcrypto-web-push";
import type { PushTarget } from "./push_subscription_store.ts";
import type { VapidKeys } from "./vapid_store.ts";

/** A token is valid for 12 h. */
const USED_FOR_MS = 6 * 3_600_000;
/** One push service can have any number of names. */
const SERVICES_MAX_COUNT = 100;

/** Who sends; `subject` is an address for complaints. */
export interface PushOrigin extends VapidKeys {
  readonly subject: string;
}

interface Token {
  readonly authorization: Promise<string>;
  readonly until: number;
}

/** The signed tokens by which push services recognise this server (RFC 8292), one for each service. */
export class VapidTokens {
  readonly #tokens = new Map<string, Token>();

  /** Returns the `Authorization` header for the service of a device; signs a token once in six hours. */
  async headerFor(target: PushTarget, origin: PushOrigin): Promise<string> {
    const service = new URL(target.endpoint).origin;
    const known = this.#tokens.get(service);
    if (known !== undefined && known.until > Date.now()) return await known.authorization;
    if (this.#tokens.size >= SERVICES_MAX_COUNT) this.#tokens.clear();
    const authorization = sign(target, origin);
    this.#tokens.set(service, { authorization, until: Date.now() + USED_FOR_MS });
    try {
      return await authorization;
    } catch (error) {
      this.#tokens.delete(service);
      throw error;
    }
  }
}

async function sign({ endpoint, keys }: PushTarget, origin: PushOrigin): Promise<string> {
  const { headers } = await vapidHeaders({ endpoint, keys, expirationTime: null }, origin);
  return headers.authorization;
}
