import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventSourceOver } from "../support/event_source.ts";
import { startFreshServer } from "../support/fresh_server.ts";
import type { FreshServer } from "../support/fresh_server.ts";
import { waitFor } from "../support/wait.ts";
import type { Runtime } from "./stock_clients.ts";
import { openScenario, STEP_NAMES } from "./stock_scenario.ts";

/** Deno's own WebSocket and fetch, and the EventSource that Node programs use. */
function denoRuntime(fresh: FreshServer): Runtime {
  const open = new Set<WebSocket>();
  return {
    socketWith: (headers) =>
      class extends WebSocket {
        constructor(url: string | URL) {
          super(url, { headers } as never);
          open.add(this);
          this.addEventListener("close", () => open.delete(this));
        }
      },
    eventSourceOver: (fetch) => eventSourceOver(fetch as typeof globalThis.fetch) as never,
    async settled() {
      await waitFor(() => open.size === 0 && fresh.server.services.connections.count === 0);
    },
  };
}

describe("the stock client in Deno", () => {
  let fresh: FreshServer;
  let run: (name: string) => Promise<void>;

  beforeAll(async () => {
    fresh = await startFreshServer();
    run = await openScenario(denoRuntime(fresh), fresh.origin, fresh.setupToken);
  });

  afterAll(() => fresh.server.stop({ spreadMs: 0 }));

  for (const name of STEP_NAMES) it(name, () => run(name));

  it("WIRE9 nothing was logged as an error by the server", () => {
    expect(fresh.logs).toEqual([]);
  });
});
