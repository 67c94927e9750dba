/** The whole server in this process, on a KV Connect server if one is named, with an owner who announces. */
import { parseConfig } from "../../../server/config.ts";
import { Log } from "../../../server/log.ts";
import { startServer } from "../../../server/server.ts";
import type { StatusId, UserId } from "../../../shared/ids.ts";
import { serveCommands } from "../process.ts";

const [kvUrl = null] = Deno.args;
const config = { ...parseConfig({ PORT: "0" }), dataDir: ":memory:", kvUrl };
const { port, services } = await startServer(config, {
  announce: () => {},
  log: new Log({ level: "error", format: "text" }),
});
const { users, db, status: { announcements } } = services;
let owner: UserId | null = null;
let last: StatusId | null = null;

/** Milliseconds since the epoch with their fraction, the same clock in all processes of the machine. */
function preciseNow(): number {
  return performance.timeOrigin + performance.now();
}

async function prepareOwner(): Promise<UserId> {
  const { row, commit } = await users.prepare({ name: "Owner", role: "owner", rooms: [] });
  await db.commit(commit);
  return row.id;
}

await serveCommands({ port }, async () => {
  const by = owner ??= await prepareOwner();
  if (last !== null) await announcements.retract(last, by);
  const text = `${preciseNow().toFixed(3)} Calls are back; messages were never affected.`;
  last = await announcements.announce({ text, level: "info" }, by);
});
