import { Buffer } from "node:buffer";
import { DatabaseSync } from "node:sqlite";

/** How KV encodes the first part of keys of the feed, and the name of the shard of relayed signals. */
const FEED_PART = "\x02feed\0";
const RELAY_PART = "\x02relay\0";

interface SchemaRow {
  readonly type: string;
  readonly name: string;
  readonly sql: string;
}

/**
 * Copies all rows of a SQLite file, as of one moment, into an empty one, while others keep writing to the first. A
 * copy of pages would include deleted and overwritten text, which SQLite leaves in free pages and at the ends of
 * used ones. Relayed signals of calls, which hold addresses and are deleted within seconds, are left out.
 */
export function copyRows(from: string, to: string): void {
  using source = new DatabaseSync(from, { readOnly: true });
  using target = new DatabaseSync(to);
  // An interrupted copy is thrown away, so there is no journal and only one sync at the end.
  target.exec("pragma journal_mode = off; pragma synchronous = off; begin");
  // Everything below is read in this transaction, so the copy is consistent.
  source.exec("begin");
  const schema = source.prepare(
    "select type, name, sql from sqlite_master where sql is not null and name not like 'sqlite\\_%' escape '\\' order by rowid",
  ).all() as unknown as SchemaRow[];
  for (const { name, sql } of schema.filter(({ type }) => type === "table")) {
    target.exec(sql);
    copyTable(source, target, name);
  }
  for (const { sql } of schema.filter(({ type }) => type !== "table")) target.exec(sql);
  source.exec("commit");
  target.exec("commit");
}

function copyTable(source: DatabaseSync, target: DatabaseSync, table: string): void {
  const name = `"${table.replaceAll('"', '""')}"`;
  const read = source.prepare(`select * from ${name}`);
  // KV uses 64-bit numbers.
  read.setReadBigInts(true);
  const places = source.prepare("select name from pragma_table_info(?)").all(table).map(() => "?").join(", ");
  const write = target.prepare(`insert into ${name} values (${places})`);
  for (const row of read.iterate()) if (!isRelayed(row.k)) write.run(...Object.values(row));
}

function isRelayed(key: unknown): boolean {
  if (!(key instanceof Uint8Array)) return false;
  const text = Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString("latin1");
  return text.startsWith(FEED_PART) && text.includes(RELAY_PART);
}
