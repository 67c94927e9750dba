import { CLOSE_CODES } from "../shared/errors.ts";
import { DRAIN_MAX_MS } from "../shared/limits.ts";
import type { ConnectionRegistry } from "./net/connection_registry.ts";

/** Share of the whole drain after which who has not left by itself is asked to. */
const CLOSE_GRACE_MS = 1_000;
/** What is left of the time for answers in flight and for storage. */
const RESERVE_MS = 2_500;

/**
 * Sends everybody away without a stampede: each is asked to come back at a moment of its own within `spreadMs`,
 * then what is left is closed with 1012, and what does not answer is cut.
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
