import type { FileLabel } from "../../shared/call/call_types.ts";
import { cleanFileName } from "../../shared/call/file_name.ts";
import { AppError } from "../../shared/errors.ts";
import type { UserId } from "../../shared/ids.ts";
import { withoutDevices } from "./call_record.ts";
import type { CallDevice, CallRecord } from "./call_record.ts";

/** Notes in a call for files what its starter offers; the last list counts. Names are cleaned. */
export function withOfferedFiles(call: CallRecord, by: UserId, files: readonly FileLabel[]): CallRecord {
  if (call.purpose !== "files" || call.startedBy !== by || files.length === 0) return call;
  return { ...call, files: files.map(({ name, bytes }) => ({ name: cleanFileName(name), bytes })) };
}

/** Returns the call; throws `wrong_state` if another device of the person has accepted the files that it is for. */
export function requireFirst(call: CallRecord, { userId, key }: CallDevice): CallRecord {
  const own = call.participants.filter((each) => each.userId === userId);
  const isFirst = own.length === 0 || own.some((each) => each.key === key);
  if (isFirst || call.purpose !== "files") return call;
  throw new AppError("wrong_state", "The files were accepted on another device");
}

/** Turns a call for files into one in which people talk: nobody is in it before they have answered. */
export function takenOver(call: CallRecord, by: Pick<CallRecord, "startedBy" | "startedAt">): CallRecord {
  const { startedBy, startedAt } = by;
  const empty = withoutDevices(call, () => true, null);
  return { ...empty, startedBy, startedAt, purpose: "talk", files: [], tookPart: [] };
}

/** Ends a call for files that the person to whom they are offered declines; other calls go on without them. */
export function withoutUnwantedFiles(call: CallRecord, userId: UserId): CallRecord {
  const isUnwanted = call.purpose === "files" && !call.tookPart.includes(userId);
  return isUnwanted ? withoutDevices(call, () => true, null) : call;
}
