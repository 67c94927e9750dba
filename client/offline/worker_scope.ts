import type { WorkerBuild } from "../../shared/worker_build.ts";

/** An event whose work keeps the worker alive. */
interface LongEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}

/** A request of a page. */
export interface FetchedEvent extends LongEvent {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

/** A message of a page. */
interface PageMessage extends LongEvent {
  readonly data: unknown;
  readonly ports: readonly MessagePort[];
}

/** The network is back (WICG Background Sync). Work that fails is tried again later, a few times. */
interface SyncEvent extends LongEvent {
  readonly tag: string;
}

/** What a service worker sees of its global scope (W3C Service Workers); the types of pages lack it. */
export interface WorkerScope {
  readonly parleyBuild: WorkerBuild;
  readonly caches: CacheStorage;
  readonly location: { readonly origin: string };
  readonly clients: { claim(): Promise<void> };
  readonly registration: { unregister(): Promise<boolean> };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", listener: (event: LongEvent) => void): void;
  addEventListener(type: "fetch", listener: (event: FetchedEvent) => void): void;
  addEventListener(type: "message", listener: (event: PageMessage) => void): void;
  addEventListener(type: "sync", listener: (event: SyncEvent) => void): void;
}
