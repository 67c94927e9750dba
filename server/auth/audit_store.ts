import { newId } from "../../shared/ids.ts";
import type { UserId } from "../../shared/ids.ts";
import { keys } from "../kv/keys.ts";

/** One entry of the audit log: who did what to which thing, without any text. */
export interface AuditRow {
  readonly at: string;
  readonly by: UserId;
  readonly action: "status.deleteIncident";
  readonly targetId: string;
}

/** Returns what goes into the commit of an action, so that nothing happens without its entry. */
export function auditEntry(row: AuditRow): readonly [key: Deno.KvKey, row: AuditRow] {
  return [keys.audit(row.at, newId()), row];
}
