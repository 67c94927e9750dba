/** Addresses that people open. The secret stands after `#`, which browsers never send: it is in no log and no Referer. */
export class Links {
  readonly #publicUrl: () => string;

  /** `publicUrl` gives the origin without a slash; it may be known only once the server listens. */
  constructor(publicUrl: () => string) {
    this.#publicUrl = publicUrl;
  }

  /** Where the first owner starts. */
  setup(token: string): string {
    return `${this.#publicUrl()}/setup#${token}`;
  }

  /** Where somebody comes in by an invitation. */
  join(code: string): string {
    return `${this.#publicUrl()}/join#${code}`;
  }

  /** Where somebody sets a new password. */
  reset(token: string): string {
    return `${this.#publicUrl()}/reset#${token}`;
  }
}
