/** Handles events one after another: what the handling of one causes waits until that one is done. */
export class EventTurns<Event> {
  readonly #handle: (event: Event) => void;
  readonly #waiting: Event[] = [];
  #isHandling = false;

  constructor(handle: (event: Event) => void) {
    this.#handle = handle;
  }

  /** Handles an event, at once unless another one is being handled. */
  add(event: Event): void {
    this.#waiting.push(event);
    if (this.#isHandling) return;
    this.#isHandling = true;
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
        this.#handle(next);
      }
    } finally {
      this.#isHandling = false;
    }
  }
}
