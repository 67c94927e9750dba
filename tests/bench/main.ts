/** `deno task bench NAME [PART]`: measures and says which budgets hold; exits 1 when one is missed. */
import { call } from "./call.ts";
import { client } from "./client.ts";
import { fanout } from "./fanout.ts";
import { idle } from "./idle.ts";
import { instances } from "./instances.ts";
import { presence } from "./presence.ts";
import { rooms } from "./rooms.ts";
import { send } from "./send.ts";
import { sse } from "./sse.ts";
import { status } from "./status.ts";
import { transports } from "./transports.ts";

const BENCHMARKS: Record<string, (part?: string) => Promise<boolean>> = {
  call,
  client,
  fanout,
  idle,
  instances,
  presence,
  rooms,
  send,
  sse,
  status,
  transports,
};

const name = Deno.args[0] ?? "";
const run = BENCHMARKS[name];
if (run === undefined) {
  console.error(`Name a benchmark: ${Object.keys(BENCHMARKS).join(", ")}; got ${JSON.stringify(name)}`);
  Deno.exit(2);
}
Deno.exit(await run(Deno.args[1]) ? 0 : 1);
