import { CLOSE_CODES } from "../shared/errors.ts";
import { DRAIN_MAX_MS } from "../shared/limits.ts";
import type { ConnectionRegistry } from "./net/connection_registry.ts";

/** How long connections may take to leave by themselves, and then to answer the close. */
const CLOSE_GRACE_MS = 1_000;
/** Time reserved for answers in flight and for storage. */
const RESERVE_MS = 2_500;

/**
 * Disconnects everyone without a stampede: each connection is asked to reconnect at a random moment within
 * `spreadMs`, the rest are closed with 1012, and those that do not answer are terminated.
 */
export async function drainConnections(connections: ConnectionRegistry, spreadMs: number): Promise<void> {
  const timers = new Set<ReturnType<typeof setTimeout>>();
  const after = (delayMs: number, work: () => void) => timers.add(setTimeout(work, delayMs));
  for (const connection of connections.all()) {
    after(Math.random() * spreadMs, () => connection.askToReconnect());
  }
  for (const stream of connections.streams()) after(Math.random() * spreadMs, stream.end);
  if (connections.count === 0 && connections.streamCount === 0) {
    for (const timer of timers) clearTimeout(timer);
    return;
  }
  const isGraceful = spreadMs > 0;
  const closeAtMs = spreadMs + (isGraceful ? CLOSE_GRACE_MS : 0);
  after(closeAtMs, () => {
    for (const connection of connections.all()) {
      connection.close(CLOSE_CODES.restart, "The server is restarting");
    }
  });
  after(Math.min(closeAtMs + CLOSE_GRACE_MS, DRAIN_MAX_MS - RESERVE_MS), () => {
    for (const connection of connections.all()) connection.terminate();
  });
  await connections.empty();
  for (const timer of timers) clearTimeout(timer);
}
