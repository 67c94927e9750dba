/** A server that is killed while it pushes: `CONFIG PUSH_PORT CLOCK_AHEAD_MS`. Prints its port and setup token. */
import type { Config } from "../../server/config.ts";
import { fetchAt } from "./push_service.ts";
import { startTestServer } from "./test_app.ts";

const [config, pushPort, clockAheadMs] = Deno.args.map((arg) => JSON.parse(arg)) as [
  Partial<Config>,
  number,
  number,
];
const server = await startTestServer(config, {
  logs: [],
  overrides: {
    now: () => Date.now() + clockAheadMs,
    push: { fetch: fetchAt(pushPort), retryAfterMs: [600_000], claimMs: 1_500 },
  },
});
console.log(JSON.stringify({ port: server.port, token: await server.services.setups.issue() }));
