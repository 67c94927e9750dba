import type { Registry } from "prom-client";
import type { Feed } from "./changes.ts";
import type { CacheStats } from "./kv/read_cache.ts";
import type { ConnectionRegistry } from "./net/connection_registry.ts";
import type { PushSender } from "./push/push_sender.ts";
import { isRoomNotice } from "./rooms/room_stream.ts";
import type { QueueStats } from "./net/work_queue.ts";
import type { HubStats } from "./streams/sink.ts";

export interface MetricsOptions {
  readonly connections: ConnectionRegistry;
  readonly hubStats: HubStats;
  readonly feed: Feed;
  /** Caches by name. */
  readonly caches: Readonly<Record<string, CacheStats>>;
  /** Queues by name. */
  readonly queues: Readonly<Record<string, QueueStats>>;
  readonly pushes: Pick<PushSender, "counts" | "waitingCount">;
  /** Number of running instances that share the database. */
  readonly instanceCount: () => number;
  /** Number of readers of the status feed. */
  readonly visitorCount: () => number;
}

/** How often the delay of the event loop is measured. */
const LAG_INTERVAL_MS = 500;
const LABELS = ["cache", "queue", "outcome"] as const;

/** The metrics of this process, in the text format of Prometheus. */
export class Metrics {
  readonly #figures: Figure[] = [];
  #registry: Promise<Registry> | null = null;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #unsubscribe: () => void;
  #lagMaxMs = 0;

  /** Starts measuring; call `stop` at the end. */
  constructor(options: MetricsOptions) {
    const { connections, hubStats, feed, caches, queues, pushes } = options;
    let sendCount = 0;
    this.#unsubscribe = feed.subscribe("deliver", (notice) => {
      if (!isRoomNotice(notice)) return;
      sendCount += notice.events.filter((event) => event.type === "message_sent").length;
    });
    this.#gauge("parley_connections", "Open WebSockets", () => connections.count);
    this.#gauge(
      "parley_subscriptions",
      "Open subscriptions on WebSockets",
      () => connections.subscriptionCount,
    );
    this.#gauge("parley_instances", "Running instances that share the database", options.instanceCount);
    this.#gauge("parley_status_visitors", "Readers of the status feed", options.visitorCount);
    this.#gauge("parley_streams", "Open HTTP subscriptions", () => connections.streamCount);
    this.#gauge(
      "parley_event_loop_lag_seconds",
      "Longest delay of the event loop since the last scrape",
      () => {
        const lagMs = this.#lagMaxMs;
        this.#lagMaxMs = 0;
        return lagMs / 1000;
      },
    );
    this.#gauge(
      "parley_resident_memory_bytes",
      "Resident memory of the process",
      () => Deno.memoryUsage().rss,
    );
    this.#counter("parley_deliveries_total", "Updates written to subscriptions", () => hubStats.deliveries);
    this.#counter(
      "parley_deliveries_skipped_total",
      "Typing and presence updates skipped for slow readers",
      () => {
        return hubStats.skipped;
      },
    );
    this.#counter(
      "parley_socket_writes_total",
      "WebSocket writes of published updates",
      () => hubStats.writes,
    );
    this.#counter("parley_sends_total", "Messages committed", () => sendCount);
    this.#gauge(
      "parley_cache_entries",
      "Values in each cache",
      () => figuresOf("cache", caches, "size"),
    );
    this.#counter(
      "parley_cache_hits_total",
      "Lookups answered without reading storage",
      () => figuresOf("cache", caches, "hitCount"),
    );
    this.#counter(
      "parley_cache_reads_total",
      "Values read from storage into each cache",
      () => figuresOf("cache", caches, "readCount"),
    );
    this.#gauge(
      "parley_queue_waiting",
      "Calls or password hashes waiting in each queue",
      () => figuresOf("queue", queues, "waitingCount"),
    );
    this.#counter(
      "parley_queue_refused_total",
      "Calls or password hashes refused by each queue",
      () => figuresOf("queue", queues, "refusedCount"),
    );
    this.#counter("parley_pushes_total", "Push notifications by how they ended", () => {
      const { sent, failed, gone, dropped } = pushes.counts;
      const byOutcome = { sent, refused: failed, removed: gone, dropped };
      return Object.entries(byOutcome).map(([outcome, count]) => [{ outcome }, count]);
    });
    this.#counter(
      "parley_push_retries_total",
      "Push notifications sent again after a push service did not take them",
      () => pushes.counts.retried,
    );
    this.#gauge("parley_pushes_waiting", "Push notifications not yet sent", () => pushes.waitingCount);
    let expected = performance.now() + LAG_INTERVAL_MS;
    this.#timer = setInterval(() => {
      const now = performance.now();
      this.#lagMaxMs = Math.max(this.#lagMaxMs, now - expected);
      expected = now + LAG_INTERVAL_MS;
    }, LAG_INTERVAL_MS);
  }

  /** Returns all metrics, and the content type of their text. */
  async read(): Promise<{ text: string; contentType: string }> {
    const registry = await (this.#registry ??= registryOf(this.#figures));
    return { text: await registry.metrics(), contentType: registry.contentType };
  }

  /** Stops measuring. */
  stop(): void {
    clearInterval(this.#timer);
    this.#unsubscribe();
  }

  #gauge(name: string, help: string, read: Read): void {
    this.#figures.push({ kind: "gauge", name, help, read });
  }

  #counter(name: string, help: string, read: Read): void {
    this.#figures.push({ kind: "counter", name, help, read });
  }
}

/** One metric, and where its value comes from. */
interface Figure {
  readonly kind: "gauge" | "counter";
  readonly name: string;
  readonly help: string;
  readonly read: Read;
}

/** The library takes 2 MB, which only those spend whose metrics are read. */
async function registryOf(figures: readonly Figure[]): Promise<Registry> {
  const { Counter, Gauge, Registry } = await import("prom-client");
  const registry = new Registry();
  for (const { kind, name, help, read } of figures) {
    const options = { name, help, labelNames: LABELS, registers: [registry] };
    if (kind === "gauge") {
      new Gauge({
        ...options,
        collect() {
          for (const [labels, value] of samplesOf(read())) this.set(labels, value);
        },
      });
    } else {
      new Counter({
        ...options,
        collect() {
          this.reset();
          for (const [labels, value] of samplesOf(read())) this.inc(labels, value);
        },
      });
    }
  }
  return registry;
}

/** Reads a figure of the process, or one for each cache or queue. */
type Read = () => number | readonly Sample[];
type Label = typeof LABELS[number];
type Sample = readonly [labels: { readonly [label in Label]?: string }, value: number];

function samplesOf(figure: ReturnType<Read>): readonly Sample[] {
  return typeof figure === "number" ? [[{}, figure]] : figure;
}

function figuresOf<Key extends string>(
  label: Label,
  parts: Readonly<Record<string, Readonly<Record<Key, number>>>>,
  figure: Key,
): Sample[] {
  return Object.entries(parts).map(([name, stats]) => [{ [label]: name }, stats[figure]]);
}
