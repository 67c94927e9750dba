import { fitsMesh } from "../../shared/call/mesh_limits.ts";
import { withoutDevices } from "./call_record.ts";
import type { CallRecord, ParticipantRow } from "./call_record.ts";

/** Returns a call that goes from browser to browser again; those who joined last and do not fit are removed. */
export function asMesh(call: CallRecord): CallRecord {
  if (call.topology === "mesh") return call;
  const staying: ParticipantRow[] = [];
  for (const participant of call.participants.toSorted((one, other) => one.seq - other.seq)) {
    if (fitsMesh([...staying, participant].map(({ media }) => media))) staying.push(participant);
  }
  return withoutDevices({ ...call, topology: "mesh" }, (each) => !staying.includes(each), "failed");
}
