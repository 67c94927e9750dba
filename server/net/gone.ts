import type { Connection } from "./connection.ts";

const signals = new WeakMap<Connection, AbortSignal>();

/** Returns a signal that aborts when the connection has closed and nobody waits for its calls any more. */
export function goneSignal(connection: Connection): AbortSignal {
  const known = signals.get(connection);
  if (known !== undefined) return known;
  const aborter = new AbortController();
  signals.set(connection, aborter.signal);
  connection.onClose(() => aborter.abort());
  return aborter.signal;
}
