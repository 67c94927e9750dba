/** Those who wait for the same thing to happen. */
export class Waiters {
  #resolvers: (() => void)[] = [];

  /** Resolves at the next `wake`. */
  wait(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#resolvers.push(resolve);
    return promise;
  }

  /** Lets all go on. */
  wake(): void {
    const resolvers = this.#resolvers;
    this.#resolvers = [];
    for (const resolve of resolvers) resolve();
  }
}
