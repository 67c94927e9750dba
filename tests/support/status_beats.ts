import type { RunningServer } from "../../server/server.ts";
import { METRICS_INTERVAL_MS } from "../../shared/status/heartbeat.ts";

/** Lets servers without timers say that they live, as others do: silent connections are closed after half a minute. */
export function beatsOf(servers: readonly RunningServer[]): Disposable {
  const timer = setInterval(() => {
    for (const { monitor } of servers) void monitor.beat();
  }, METRICS_INTERVAL_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
