import { newId } from "../../shared/ids.ts";
import type { RoomId, StatusId, UserId } from "../../shared/ids.ts";
import { impactOf } from "../../shared/status/states.ts";
import type { Impact, IncidentState } from "../../shared/status/states.ts";
import type { AffectedComponent } from "../../shared/status/status.ts";
import { judge } from "../auth/account_change_store.ts";
import { keys } from "../kv/keys.ts";
import { invalidInput } from "../rpc/input_schemas.ts";
import { changesOf, merged, operational } from "./affected_components.ts";
import { beginTelling } from "./rooms/status_room_store.ts";
import { checkComponents, checkStart, newItem, takeOpenSlot } from "./status_change_store.ts";
import type { StatusStoreOptions, StatusWrite } from "./status_change_store.ts";
import { toIncident } from "./status_rows.ts";
import type { IncidentRow, UpdateRow } from "./status_rows.ts";

/** A new incident. */
export interface NewIncident {
  readonly title: string;
  readonly text: string;
  readonly components: readonly AffectedComponent[];
  readonly impact?: Impact | undefined;
  readonly startedAt?: string | undefined;
  readonly isDraft?: boolean | undefined;
  /** The room that hears of it. */
  readonly roomId?: RoomId | undefined;
}

interface IncidentSource {
  readonly id: StatusId;
  readonly input: NewIncident;
  readonly at: string;
  readonly by: UserId;
}

/** Makes a new incident of texts that are public, for everybody or as a draft; gives what its commit writes. */
export async function createIncident(
  options: StatusStoreOptions,
  { id, input, at, by }: IncidentSource,
): Promise<StatusWrite> {
  const { db, rooms } = options;
  const { roomId } = input;
  const judged = [...await judge(db, by, "status.manage"), ...await rooms.judge(roomId, by)];
  const slot = await takeOpenSlot(db, "incident", id);
  checkComponents(input.components.map((one) => one.id), options);
  const startedAt = input.startedAt ?? at;
  if (startedAt > at) throw invalidInput("startedAt", "Must not be in the future");
  checkStart("startedAt", startedAt, at);
  const { title, text } = input;
  const components = merged([], input.components);
  const update: UpdateRow<IncidentState> = {
    id: newId(),
    state: "investigating",
    text,
    at,
    editedAt: null,
    changes: changesOf(operational(components), components),
  };
  const isDraft = input.isDraft === true;
  const row: IncidentRow = {
    id,
    title,
    state: "investigating",
    impact: input.impact ?? impactOf(components),
    components,
    isDraft,
    startedAt,
    monitoringAt: null,
    ...(roomId === undefined ? {} : { roomId, openedBy: by }),
    ...newItem(text, at),
  };
  return {
    change: { type: "incident", incident: toIncident(row, [update]) },
    checks: [slot.check, ...judged],
    sets: [
      slot.set,
      [keys.statusItem("incident", id), row],
      [keys.statusUpdate(id, 1), update],
      [keys.statusOpen("incident", id), id],
      ...(isDraft ? [] : [
        [keys.statusByTime("incident", startedAt, id), id] as const,
        ...beginTelling({ kind: "incident", id, roomId, by, publicAt: at }),
      ]),
    ],
  };
}
