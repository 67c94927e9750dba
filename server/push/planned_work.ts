const TICK_MS = 1_000;
/** More is forgotten, unless a claim is stored for it. */
const PLANNED_MAX_COUNT = 10_000;

/** Work for later moments, kept in memory. */
export class PlannedWork<Task> {
  readonly #now: () => number;
  readonly #start: (task: Task) => void;
  readonly #planned = new Set<{ readonly atMs: number; readonly task: Task }>();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #isClosed = false;

  /** `now` is epoch time in milliseconds; `start` is called with each task when its moment has come. */
  constructor(now: () => number, start: (task: Task) => void) {
    this.#now = now;
    this.#start = start;
  }

  /** Plans a task. */
  add(atMs: number, task: Task): void {
    if (this.#isClosed || this.#planned.size >= PLANNED_MAX_COUNT) return;
    this.#planned.add({ atMs, task });
    this.#arm();
  }

  /** Forgets everything. */
  close(): void {
    this.#isClosed = true;
    this.#planned.clear();
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #arm(): void {
    if (this.#timer !== null || this.#planned.size === 0) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      for (const planned of this.#planned) {
        if (planned.atMs > this.#now()) continue;
        this.#planned.delete(planned);
        this.#start(planned.task);
      }
      this.#arm();
    }, TICK_MS);
  }
}
