import type { IncomingMessage } from "node:http";
import { AppError } from "../../shared/errors.ts";
import { HTTP_RATE_ADDRESS, HTTP_RATE_SESSION } from "../../shared/limits.ts";
import type { Config } from "../config.ts";
import type { Services } from "../services.ts";
import { clientAddress, limitSubject } from "./address.ts";
import type { Login } from "./connection.ts";
import { readCredential } from "./credentials.ts";
import type { Credential } from "./credentials.ts";
import { checkOrigin, ownOrigins } from "./origin.ts";

/** Who a request comes from, as found out before it is served. */
export interface Admitted {
  /** Exact remote address, or what a trusted proxy says. */
  readonly address: string;
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

/** Decides who gets in, before anything of the request but its head is read. */
export class Admission {
  readonly #options: AdmissionOptions;
  #origins: ReadonlySet<string> | null = null;

  /** Works on what `createServices` made. */
  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** The address that limits and logs go by. */
  addressOf(request: IncomingMessage): string {
    const forwarded = request.headers["x-forwarded-for"];
    return clientAddress(
      request.socket.remoteAddress,
      Array.isArray(forwarded) ? forwarded.join(",") : forwarded,
      this.#options.config.trustProxy,
    );
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
    const address = this.addressOf(request);
    if (!LIMITED_PATTERN.test(request.url ?? "")) {
      if (!isReading) throw new AppError("not_found", "Nothing here takes this method");
      return { address, login: null };
    }
    const { services, isHttps } = this.#options;
    const credential = readCredential(request, isHttps);
    const login = credential === null ? null : await this.authenticate(credential);
    // A credential that opens nothing buys no allowance of its own.
    if (login === null) services.limits.take("http", limitSubject(address), HTTP_RATE_ADDRESS);
    else services.limits.take("http", login.sessionId ?? login.tokenId ?? login.userId, HTTP_RATE_SESSION);
    return { address, login };
  }
}
