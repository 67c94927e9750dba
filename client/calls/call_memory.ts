import { isId } from "../../shared/ids.ts";
import type { CallId, ParticipantId, RoomId } from "../../shared/ids.ts";
import type { CallPurpose, JoiningMedia } from "../../shared/call/call_types.ts";
import type { TabStorage } from "./tab_id.ts";

/** The call that this tab is in, as kept for the time after a reload. */
export interface RememberedCall {
  readonly callId: CallId;
  readonly roomId: RoomId;
  readonly participantId: ParticipantId;
  readonly isDirect: boolean;
  readonly purpose: CallPurpose;
  readonly media: JoiningMedia;
  /** The last epochs of the links to other participants. */
  readonly epochs: { readonly [participantId: string]: number };
}

const KEY = "parley-call";

/** Remembers the call of this tab, or forgets it. */
export function rememberCall(storage: TabStorage | null, call: RememberedCall | null): void {
  try {
    if (call === null) storage?.removeItem(KEY);
    else storage?.setItem(KEY, JSON.stringify(call));
  } catch {
    // Not stored: after a reload, nothing is offered, and the participation ends with its lease.
  }
}

/** Returns the call that this tab was in before it was reloaded. */
export function recallCall(storage: TabStorage | null): RememberedCall | null {
  try {
    const call: unknown = JSON.parse(storage?.getItem(KEY) ?? "null");
    return isRemembered(call) ? call : null;
  } catch {
    return null;
  }
}

/** Scripts of this origin alone write here, but earlier versions of them as well. */
function isRemembered(value: unknown): value is RememberedCall {
  if (typeof value !== "object" || value === null) return false;
  const { callId, roomId, participantId, isDirect, purpose, media, epochs } = value as Record<
    string,
    unknown
  >;
  return [callId, roomId, participantId].every((id) => typeof id === "string" && isId(id)) &&
    typeof isDirect === "boolean" && (purpose === "talk" || purpose === "files") &&
    typeof media === "object" && media !== null && "mic" in media && "cam" in media &&
    typeof epochs === "object" && epochs !== null;
}
