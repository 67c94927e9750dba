/** On whose behalf work runs, from the narrowest subject to the wider ones that contain it. */
export type Subjects = readonly [narrowest: string, ...wider: string[]];

/** How much may run and wait at the same time. */
export interface FairQueueOptions {
  readonly runningCount: number;
  readonly waitingCount: number;
  /** Creates the error for work that finds the queue full, or is displaced by work with an earlier turn. */
  readonly refusal: () => Error;
}

interface Place {
  readonly isSuspect: boolean;
  readonly turn: number;
}

interface Waiting extends Place {
  readonly subjects: Subjects;
  readonly start: () => void;
  readonly refuse: () => void;
}

/** One in this many started items is a suspect's, if there is one: an innocent one among them must get its turn too. */
const SUSPECT_EVERY_COUNT = 4;
/** Above this number of remembered turns, those in the past are forgotten. */
const TURNS_MAX_COUNT = 1_000;

/**
 * Runs expensive work, a few items at a time. Each subject has its own turns, so a subject with many items waits
 * longer than one with a single item, and suspects wait behind everybody else. When the queue is full, the last item
 * is dropped in favour of one that goes before it.
 */
export class FairQueue {
  readonly #options: FairQueueOptions;
  /** Suspects last, then sorted by turn; equal turns in order of arrival. */
  readonly #waiting: Waiting[] = [];
  /** The latest turn given to each subject. */
  readonly #lastTurns = new Map<string, number>();
  #turn = 0;
  #runningCount = 0;
  #startedCount = 0;

  constructor(options: FairQueueOptions) {
    this.#options = options;
  }

  /** The number of items that were refused. */
  refusedCount = 0;

  /** The number of waiting items. */
  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** Runs `work` when its turn comes, or throws the refusal if there is no place for it. */
  async run<T>(subjects: Subjects, work: () => Promise<T>, isSuspect = false): Promise<T> {
    await this.#enter(subjects, isSuspect);
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  #enter(subjects: Subjects, isSuspect: boolean): Promise<void> {
    const turn = this.#turnOf(subjects);
    if (this.#runningCount < this.#options.runningCount) {
      this.#runningCount++;
      this.#take(subjects, turn);
      // Turns also advance while nothing waits, so that work done in quiet times does not count against anyone
      // later.
      this.#turn = turn;
      return Promise.resolve();
    }
    if (this.#waiting.length >= this.#options.waitingCount) {
      const last = this.#waiting.at(-1);
      this.refusedCount++;
      if (last === undefined || !isBefore({ turn, isSuspect }, last)) {
        return Promise.reject(this.#options.refusal());
      }
      this.#waiting.pop();
      this.#giveBack(last.subjects);
      last.refuse();
    }
    this.#take(subjects, turn);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const after = this.#waiting.findIndex((other) => isBefore({ turn, isSuspect }, other));
    this.#waiting.splice(after < 0 ? this.#waiting.length : after, 0, {
      subjects,
      turn,
      isSuspect,
      start: resolve,
      refuse: () => reject(this.#options.refusal()),
    });
    return promise;
  }

  #leave(): void {
    const next = this.#takeNext();
    // The slot goes directly to the next item, so that nobody can take it in between.
    if (next === undefined) return void this.#runningCount--;
    this.#turn = Math.max(this.#turn, next.turn);
    next.start();
  }

  #takeNext(): Waiting | undefined {
    const isTurnOfSuspects = ++this.#startedCount % SUSPECT_EVERY_COUNT === 0;
    const first = isTurnOfSuspects ? this.#waiting.findIndex(({ isSuspect }) => isSuspect) : 0;
    return this.#waiting.splice(Math.max(0, first), 1)[0];
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

  /** Refunds the turns of work that was not done. */
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

function isBefore(one: Place, other: Place): boolean {
  return one.isSuspect === other.isSuspect ? one.turn < other.turn : other.isSuspect;
}

/** A wider subject gets twice the share of the next narrower one. */
function costOf(index: number): number {
  return 1 / 2 ** index;
}
