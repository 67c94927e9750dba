import type { FileLabel } from "../../shared/call/call_types.ts";
import { cleanFileName } from "../../shared/call/file_name.ts";
import type { UserId } from "../../shared/ids.ts";
import type { CallRecord } from "./call_record.ts";

/** Notes in a call for files what its starter offers; the last list counts. Names are cleaned. */
export function withOfferedFiles(call: CallRecord, by: UserId, files: readonly FileLabel[]): CallRecord {
  if (call.purpose !== "files" || call.startedBy !== by || files.length === 0) return call;
  return { ...call, files: files.map(({ name, bytes }) => ({ name: cleanFileName(name), bytes })) };
}
