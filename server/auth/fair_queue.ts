/** Whose work something is, narrowest subject first; wider ones hold several of the narrower. */
export type Subjects = readonly [narrowest: string, ...wider: string[]];

/** How many may run, and wait, at once. */
export interface FairQueueOptions {
  readonly runningCount: number;
  readonly waitingCount: number;
  /** Makes the error for what finds no place, or loses it to somebody who waits for less. */
  readonly refusal: () => Error;
}

interface Waiting {
  readonly subjects: Subjects;
  readonly turn: number;
  readonly start: () => void;
  readonly refuse: () => void;
}

/** Beyond this many remembered turns those that lie behind are forgotten. */
const TURNS_MAX_COUNT = 1_000;

/**
 * Runs costly work a few at a time. Each subject has its turns, so whoever waits for much waits behind whoever waits
 * for one thing; and when the queue is full, the latest turn gives way to an earlier one.
 */
export class FairQueue {
  readonly #options: FairQueueOptions;
  /** In the order of their turns; of equal turns the one that came first. */
  readonly #waiting: Waiting[] = [];
  /** Turn of the last work that each subject has. */
  readonly #lastTurns = new Map<string, number>();
  #turn = 0;
  #runningCount = 0;

  /** Nothing waits yet. */
  constructor(options: FairQueueOptions) {
    this.#options = options;
  }

  /** How much waits. */
  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** Runs `work` when its turn comes; throws the refusal when there is no place for it. */
  async run<T>(subjects: Subjects, work: () => Promise<T>): Promise<T> {
    await this.#enter(subjects);
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  #enter(subjects: Subjects): Promise<void> {
    const turn = this.#turnOf(subjects);
    if (this.#runningCount < this.#options.runningCount) {
      this.#runningCount++;
      this.#take(subjects, turn);
      // Time goes on while nothing waits too: what somebody was served in quiet times is no debt in a crowd.
      this.#turn = turn;
      return Promise.resolve();
    }
    if (this.#waiting.length >= this.#options.waitingCount) {
      const last = this.#waiting.at(-1);
      if (last === undefined || last.turn <= turn) return Promise.reject(this.#options.refusal());
      this.#waiting.pop();
      this.#giveBack(last.subjects);
      last.refuse();
    }
    this.#take(subjects, turn);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const after = this.#waiting.findIndex((other) => other.turn > turn);
    this.#waiting.splice(after < 0 ? this.#waiting.length : after, 0, {
      subjects,
      turn,
      start: resolve,
      refuse: () => reject(this.#options.refusal()),
    });
    return promise;
  }

  #leave(): void {
    const next = this.#waiting.shift();
    // The place goes straight to the next one, so that nobody slips in between.
    if (next === undefined) return void this.#runningCount--;
    this.#turn = next.turn;
    next.start();
  }

  #turnOf(subjects: Subjects): number {
    const turns = subjects.map((subject, index) => (this.#lastTurns.get(subject) ?? 0) + costOf(index));
    return Math.max(this.#turn + 1, ...turns);
  }

  #take(subjects: Subjects, turn: number): void {
    if (this.#lastTurns.size > TURNS_MAX_COUNT) this.#forget();
    for (const [index, subject] of subjects.entries()) {
      const before = Math.max(this.#lastTurns.get(subject) ?? 0, this.#turn);
      this.#lastTurns.set(subject, index === 0 ? turn : before + costOf(index));
    }
  }

  /** What was not done costs nobody a turn. */
  #giveBack(subjects: Subjects): void {
    for (const [index, subject] of subjects.entries()) {
      this.#lastTurns.set(subject, (this.#lastTurns.get(subject) ?? 0) - costOf(index));
    }
  }

  #forget(): void {
    for (const [subject, turn] of this.#lastTurns) {
      if (turn <= this.#turn) this.#lastTurns.delete(subject);
    }
  }
}

/** A subject has twice the share of those that it holds. */
function costOf(index: number): number {
  return 1 / 2 ** index;
}
