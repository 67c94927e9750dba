/**
 * One attacker, in its own process: ten sockets that send as fast as the server accepts it, some of which read
 * nothing, and HTTP as well, or only HTTP batches; or a stranger with forty sockets. Reads its instructions as
 * one line of JSON, and leaves when its time is over.
 */
import { READY } from "./attack.ts";
import type { AttackOrder } from "./attack.ts";
import { CallAttack } from "./call_attack.ts";
import { PublicAttack } from "./public_attack.ts";
import { ATTACK_ROWS } from "./rows.ts";

console.log(READY);
const order = JSON.parse(await firstLine()) as AttackOrder;
const row = ATTACK_ROWS[order.name];
if (row === undefined) throw new RangeError(`There is no row for ${order.name}`);
const attack = "routes" in row ? new PublicAttack(order, row) : new CallAttack(order, row);
await attack.run();
console.log(JSON.stringify({ requestCount: attack.requestCount }));
Deno.exit(0);

async function firstLine(): Promise<string> {
  let text = "";
  for await (const part of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (text.includes("\n")) break;
  }
  return text.slice(0, text.indexOf("\n"));
}
