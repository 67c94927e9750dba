import type { IncomingMessage } from "node:http";
import { AppError } from "../../shared/errors.ts";
import { HTTP_RATE_ACCOUNT, HTTP_RATE_ADDRESS } from "../../shared/limits.ts";
import type { Config } from "../config.ts";
import { ReadCache } from "../kv/read_cache.ts";
import type { CacheStats } from "../kv/read_cache.ts";
import type { Services } from "../services.ts";
import { clientAddress, limitSubject, plainAddress } from "./address.ts";
import type { Login } from "./connection.ts";
import { hashOf, readCredential } from "./credentials.ts";
import type { Credential } from "./credentials.ts";
import { checkOrigin, ownOrigins } from "./origin.ts";

/** Who a request comes from, as found out before it is served. */
export interface Admitted {
  /** Exact remote address, or what a trusted proxy says. */
  readonly address: string;
  /** A proxy that forwards for somebody but is not trusted to; null when the address is the real one. */
  readonly untrustedProxy: string | null;
  readonly login: Login | null;
}

/** What admission goes by. */
export interface AdmissionOptions {
  readonly config: Config;
  readonly services: Services;
  readonly isHttps: boolean;
  /** Our port, known once the server listens. */
  readonly port: () => number;
}

/** Only these cost anything to answer; everything else is a file from memory. */
const LIMITED_PATTERN = /^\/(?:trpc|healthz|readyz|metrics|dev)(?:[/?]|$)/;

/** Beyond this many the oldest goes; its next request costs its address a token for a moment, no more. */
const KNOWN_MAX_COUNT = 20_000;

/** Decides who gets in, before anything of the request but its head is read. */
export class Admission {
  readonly #options: AdmissionOptions;
  /** Which credentials were right when they were last shown; whether one still is shows the look-up alone. */
  readonly #known = new ReadCache<string, true>({ maxCount: KNOWN_MAX_COUNT });
  #origins: ReadonlySet<string> | null = null;
  #hasWarned = false;

  /** Works on what `createServices` made. */
  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** How what is known of credentials does. */
  get cache(): CacheStats {
    return this.#known;
  }

  /** Finds the address that limits and logs go by. */
  addressOf(request: IncomingMessage): string {
    const forwarded = request.headers["x-forwarded-for"];
    return clientAddress(
      request.socket.remoteAddress,
      Array.isArray(forwarded) ? forwarded.join(",") : forwarded,
      this.#options.config.trustProxy,
    );
  }

  /** Gives the peer when it forwards for somebody although it is not trusted to: all behind it are one address. */
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

  /** Finds whose a credential is; null when it opens nothing. */
  async authenticate(credential: Credential): Promise<Login | null> {
    const { accounts } = this.#options.services;
    if (credential.secret === "") return null;
    return await accounts.login(
      credential.kind === "token" ? { bearerToken: credential.secret } : { cookieToken: credential.secret },
    );
  }

  /** Gives what is wrong with where a request comes from, or null. */
  checkOrigin(request: IncomingMessage): AppError | null {
    const { config, port } = this.#options;
    this.#origins ??= ownOrigins(config.publicUrl, port());
    return checkOrigin(request, this.#origins);
  }

  /** Admits an HTTP request, or throws what is wrong with it: its origin first, then its rate. */
  async admit(request: IncomingMessage): Promise<Admitted> {
    const isReading = request.method === "GET" || request.method === "HEAD";
    const refused = isReading ? null : this.checkOrigin(request);
    if (refused !== null) throw refused;
    const from = { address: this.addressOf(request), untrustedProxy: this.untrustedProxyOf(request) };
    if (!LIMITED_PATTERN.test(request.url ?? "")) {
      if (!isReading) throw new AppError("not_found", "This method is not supported here");
      return { ...from, login: null };
    }
    const credential = readCredential(request, this.#options.isHttps);
    return { ...from, login: await this.#logIn(credential, limitSubject(from.address)) };
  }

  /** Looks a credential up at the cost of its address, unless it was right before, and then of its account. */
  async #logIn(credential: Credential | null, subject: string): Promise<Login | null> {
    const { limits } = this.#options.services;
    const hash = credential === null ? null : hashOf(credential);
    const isKnown = hash !== null && this.#known.peek(hash) !== undefined;
    if (!isKnown) limits.take("http", subject, HTTP_RATE_ADDRESS);
    if (credential === null || hash === null) return null;
    const login = await this.authenticate(credential);
    if (login === null) {
      // What has ended is looked up at this price once.
      this.#known.drop(hash);
      if (isKnown) limits.take("http", subject, HTTP_RATE_ADDRESS);
      return null;
    }
    this.#known.set(hash, true);
    // People behind one address do not use up what strangers there have.
    if (!isKnown) limits.giveBack("http", subject, HTTP_RATE_ADDRESS);
    limits.take("http", login.accountId, HTTP_RATE_ACCOUNT);
    return login;
  }
}
