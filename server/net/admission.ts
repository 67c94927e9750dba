import type { IncomingMessage } from "node:http";
import { AppError } from "../../shared/errors.ts";
import { HTTP_RATE_ACCOUNT, HTTP_RATE_ADDRESS, STATUS_RATE_ADDRESS } from "../../shared/limits.ts";
import type { Config } from "../config.ts";
import { ReadCache } from "../kv/read_cache.ts";
import type { CacheStats } from "../kv/read_cache.ts";
import { storageAbsent } from "../kv/storage_error.ts";
import type { Services } from "../services.ts";
import { clientAddress, limitSubject, plainAddress } from "./address.ts";
import type { Login } from "./connection.ts";
import { hashOf, readCredential } from "./credentials.ts";
import type { Credential } from "./credentials.ts";
import { checkOrigin, ownOrigins } from "./origin.ts";
import { isPublicRoute, isPublicStream } from "./public_route.ts";

/** Where a request comes from and who sent it, determined before it is handled. */
export interface Admitted {
  /** The remote address, or the one that a trusted proxy reports. */
  readonly address: string;
  /** A proxy that forwards requests but is not trusted; null if there is none. */
  readonly untrustedProxy: string | null;
  readonly login: Login | null;
}

export interface AdmissionOptions {
  readonly config: Config;
  readonly services: Services;
  readonly isHttps: boolean;
  /** Whether storage has not answered since the start, so that nobody can be signed in. */
  readonly isWaiting: boolean;
  /** Our port; it may only be known once the server listens. */
  readonly port: () => number;
}

/** These count as requests of an account or an address. */
const LIMITED_PATTERN = /^\/(?:trpc|healthz|readyz|metrics|dev)(?:[/?]|$)/;
const CALL_PATTERN = /^\/trpc(?:[/?]|$)/;
/** Calls that need neither a session nor storage. */
const PUBLIC_CALL_PATTERN = /^\/trpc\/status\.(?:current|onChange)(?:\?|$)/;

/**
 * Above this number the oldest is dropped; its next request then takes a token from its address for a moment, no
 * more.
 */
const KNOWN_MAX_COUNT = 20_000;

/** Decides which requests are handled, based on their heads alone. */
export class Admission {
  readonly #options: AdmissionOptions;
  /** Hashes of credentials that were valid when last used. Whether they still are is always looked up. */
  readonly #known = new ReadCache<string, true>({ maxCount: KNOWN_MAX_COUNT });
  #origins: ReadonlySet<string> | null = null;
  #hasWarned = false;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** Statistics of the known credentials. */
  get cache(): CacheStats {
    return this.#known;
  }

  /** Returns the address used for limits and logs. */
  addressOf(request: IncomingMessage): string {
    const forwarded = request.headers["x-forwarded-for"];
    return clientAddress(
      request.socket.remoteAddress,
      Array.isArray(forwarded) ? forwarded.join(",") : forwarded,
      this.#options.config.trustProxy,
    );
  }

  /** Returns the peer if it forwards requests without being trusted: everyone behind it counts as one address. */
  untrustedProxyOf(request: IncomingMessage): string | null {
    const peer = plainAddress(request.socket.remoteAddress ?? "");
    const { config, services } = this.#options;
    if (request.headers["x-forwarded-for"] === undefined || config.trustProxy.has(peer)) return null;
    if (!this.#hasWarned) {
      this.#hasWarned = true;
      services.log.warn(
        "Got X-Forwarded-For from an address that TRUST_PROXY does not name: everyone behind it shares one set of limits",
        { proxy: peer },
      );
    }
    return peer;
  }

  /** Returns the login of a credential, or null if it is not valid. */
  async authenticate(credential: Credential): Promise<Login | null> {
    const { accounts } = this.#options.services;
    if (credential.secret === "") return null;
    return await accounts.login(
      credential.kind === "token" ? { bearerToken: credential.secret } : { cookieToken: credential.secret },
    );
  }

  /** Returns an error if the origin of a request is not allowed, otherwise null. */
  checkOrigin(request: IncomingMessage): AppError | null {
    const { config, port } = this.#options;
    this.#origins ??= ownOrigins(config.publicUrl, port());
    return checkOrigin(request, this.#origins);
  }

  /** Admits an HTTP request or throws the reason why not. Checks its origin first, then its rate. */
  async admit(request: IncomingMessage): Promise<Admitted> {
    const { method, url = "" } = request;
    const isPublic = isPublicRoute(url);
    // Browsers ask first when a page of another origin sends an unusual header.
    const isPreflight = method === "OPTIONS" && isPublic;
    const isReading = method === "GET" || method === "HEAD" || isPreflight;
    const refused = isReading ? null : this.checkOrigin(request);
    if (refused !== null) throw refused;
    const from = { address: this.addressOf(request), untrustedProxy: this.untrustedProxyOf(request) };
    if (!LIMITED_PATTERN.test(url)) {
      if (!isReading) throw new AppError("not_found", "This method is not supported here");
      // Everything else is a file in memory, which costs nothing, or the stream of public events, which has its own
      // limit where it is answered, because it must always answer 200.
      if (isPublic && !isPublicStream(url)) {
        this.#options.services.limits.take("status page", limitSubject(from.address), STATUS_RATE_ADDRESS);
      }
      return { ...from, login: null };
    }
    if (this.#options.isWaiting) return { ...from, login: this.#admitStranger(url, from.address) };
    const credential = readCredential(request, this.#options.isHttps);
    return { ...from, login: await this.#logIn(credential, limitSubject(from.address)) };
  }

  /** Refuses what needs storage, also to those whose session could not be looked up. */
  #admitStranger(url: string, address: string): null {
    if (CALL_PATTERN.test(url) && !PUBLIC_CALL_PATTERN.test(url)) throw storageAbsent();
    this.#options.services.limits.take("http", limitSubject(address), HTTP_RATE_ADDRESS);
    return null;
  }

  /**
   * Looks up a credential. This counts for the account if the credential was valid before, otherwise for the
   * address.
   */
  async #logIn(credential: Credential | null, subject: string): Promise<Login | null> {
    const { limits } = this.#options.services;
    const hash = credential === null ? null : hashOf(credential);
    const isKnown = hash !== null && this.#known.peek(hash) !== undefined;
    if (!isKnown) limits.take("http", subject, HTTP_RATE_ADDRESS);
    if (credential === null || hash === null) return null;
    const login = await this.authenticate(credential);
    if (login === null) {
      // A credential that has ended is looked up at the account's cost only once.
      this.#known.drop(hash);
      if (isKnown) limits.take("http", subject, HTTP_RATE_ADDRESS);
      return null;
    }
    this.#known.set(hash, true);
    // Signed-in people behind an address do not use up the limit of strangers there.
    if (!isKnown) limits.giveBack("http", subject, HTTP_RATE_ADDRESS);
    limits.take("http", login.accountId, HTTP_RATE_ACCOUNT);
    return login;
  }
}
