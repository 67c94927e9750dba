/**
 * Creates links with secrets. The secret follows the `#`, which browsers never send, so it appears in no log and no
 * Referer.
 */
export class Links {
  readonly #publicUrl: () => string;

  /** `publicUrl` returns the origin without a trailing slash; it may only be known once the server listens. */
  constructor(publicUrl: () => string) {
    this.#publicUrl = publicUrl;
  }

  /** Link to create the first owner. */
  setup(token: string): string {
    return `${this.#publicUrl()}/setup#${token}`;
  }

  /** Link to accept an invitation. */
  join(code: string): string {
    return `${this.#publicUrl()}/join#${code}`;
  }

  /** Link to set a new password. */
  reset(token: string): string {
    return `${this.#publicUrl()}/reset#${token}`;
  }
}
