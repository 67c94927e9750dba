import { DatabaseSync } from "node:sqlite";

interface SchemaRow {
  readonly type: string;
  readonly name: string;
  readonly sql: string;
}

/**
 * Writes all rows of an SQLite file, as they are at one moment, into an empty one, while others go on writing to the
 * first. A copy of pages would take along what is no row any more: SQLite leaves deleted and overwritten text where it
 * was, in free pages and at the ends of used ones.
 */
export function copyRows(from: string, to: string): void {
  using source = new DatabaseSync(from, { readOnly: true });
  using target = new DatabaseSync(to);
  // A copy that breaks off is thrown away: no journal, and one sync at the end.
  target.exec("pragma journal_mode = off; pragma synchronous = off; begin");
  // Everything below is read in this transaction, which sees one moment.
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
  // Numbers of KV fill 64 bits.
  read.setReadBigInts(true);
  const places = source.prepare("select name from pragma_table_info(?)").all(table).map(() => "?").join(", ");
  const write = target.prepare(`insert into ${name} values (${places})`);
  for (const row of read.iterate()) write.run(...Object.values(row));
}
