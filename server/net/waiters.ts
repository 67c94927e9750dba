/** Callers that wait for the same event. */
export class Waiters {
  #resolvers: (() => void)[] = [];

  /** Resolves at the next `wake`. */
  wait(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#resolvers.push(resolve);
    return promise;
  }

  /** Resolves all waiting promises. */
  wake(): void {
    const resolvers = this.#resolvers;
    this.#resolvers = [];
    for (const resolve of resolvers) resolve();
  }
}
