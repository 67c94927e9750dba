import { effect } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { WorkerBuild } from "../../shared/worker_build.ts";

/** After a restart of the server, all tabs reconnect at once; a tab that reconnects often asks this often. */
const CHECK_MIN_MS = 60_000;
/** A tab that is never disconnected finds a new build within this time. */
const CHECK_MAX_MS = 3_600_000;
/** How often an outdated tab looks whether it disturbs nobody. */
const QUIET_TICK_MS = 5_000;

/** The parts of `navigator.serviceWorker` that are used. */
export type WorkerContainer = Pick<
  ServiceWorkerContainer,
  "addEventListener" | "removeEventListener" | "controller"
>;

/** Options of `AppUpdates`. */
export interface AppUpdatesOptions {
  readonly container: WorkerContainer;
  /** Registers the worker; resolves when it is active. */
  readonly register: () => Promise<Pick<ServiceWorkerRegistration, "update">>;
  readonly isConnected: ReadonlySignal<boolean>;
  /** URL paths of the scripts and style sheets that this page has loaded with its HTML. */
  readonly ownFiles: readonly string[];
  /** Whether the page can be replaced without anybody noticing. */
  readonly isQuiet: () => boolean;
  readonly reload: () => void;
  readonly now?: () => number;
}

/** Installs the worker, looks for new builds, and moves this tab to one at a quiet moment. */
export class AppUpdates implements Disposable {
  readonly #options: AppUpdatesOptions;
  readonly #now: () => number;
  readonly #stops: (() => void)[] = [];
  #registration: Pick<ServiceWorkerRegistration, "update"> | null = null;
  #checkedAt = -Infinity;
  #isOutdated = false;
  #isDisposed = false;
  /** The worker that was asked for its build, and where it answers; null when it has. */
  #asked: WorkerContainer["controller"] = null;
  #answers: MessagePort | null = null;

  constructor(options: AppUpdatesOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** Registers, and follows new builds. */
  async start(): Promise<void> {
    const { container, register, isConnected } = this.#options;
    const onChange = () => this.#compare();
    container.addEventListener("controllerchange", onChange);
    const hourly = setInterval(() => this.#check(), CHECK_MAX_MS);
    const ticker = setInterval(() => this.#tick(), QUIET_TICK_MS);
    this.#stops.push(() => {
      container.removeEventListener("controllerchange", onChange);
      clearInterval(hourly);
      clearInterval(ticker);
    });
    // Browsers may forbid workers, as private windows of some do: then there is none.
    const registration = await register().catch(() => null);
    if (registration === null || this.#isDisposed) return;
    this.#registration = registration;
    this.#checkedAt = this.#now();
    // The worker may be one that came while no tab was looking.
    this.#compare();
    let isFirst = true;
    this.#stops.push(effect(() => {
      // A new build comes with a restart of the server, after which the connection opens again.
      if (isConnected.value && !isFirst) this.#check();
      isFirst = false;
    }));
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#answers?.close();
    for (const stop of this.#stops.splice(0)) stop();
  }

  #check(): void {
    if (this.#registration === null || this.#now() - this.#checkedAt < CHECK_MIN_MS) return;
    this.#checkedAt = this.#now();
    // Without an answer, the next check finds it.
    this.#registration.update().catch(() => {});
  }

  /** Asks the worker which build it has; only the last question counts. */
  #compare(): void {
    const { container: { controller }, ownFiles } = this.#options;
    this.#answers?.close();
    this.#answers = null;
    this.#asked = controller;
    if (controller === null) return;
    const { port1, port2 } = new MessageChannel();
    this.#answers = port1;
    port1.onmessage = ({ data: { files } }: MessageEvent<WorkerBuild>) => {
      port1.close();
      this.#answers = null;
      this.#isOutdated = ownFiles.some((path) => !files.includes(path));
    };
    controller.postMessage("build", [port2]);
  }

  #tick(): void {
    const { container, isConnected, isQuiet } = this.#options;
    // A browser may end a worker before it answers.
    if (this.#answers !== null || this.#asked !== container.controller) this.#compare();
    // Without the server, the page would show what is stored.
    if (!this.#isOutdated || !isConnected.peek() || !isQuiet()) return;
    this.#isOutdated = false;
    this.#options.reload();
  }
}
