import type { ComponentState } from "../../shared/status/states.ts";
import type { Deleted, Status, StatusChange } from "../../shared/status/status.ts";
import { keys } from "../kv/keys.ts";
import type { EventLog } from "../streams/event_log.ts";
import type { CommittedNotice, Notice } from "../streams/feed.ts";
import type { LoggedRow, StreamKind } from "../streams/stream_kind.ts";

/** The one stream of its kind: what everybody may know. */
export const PUBLIC_STREAM = "public";
const NAME = "status";

/** What the log keeps of an event: no text, since one may be edited or deleted later. */
export interface StatusEventRow {
  readonly type: StatusChange["type"];
  readonly at: string;
  /** What it is about; null for a snapshot. */
  readonly id: string | null;
  /** What readers believe from then on, of a component or of the whole. */
  readonly state?: ComponentState;
}

/** What readers get. */
export type StatusEvent = StatusChange & { readonly offset: number; readonly at: string };

/** The types of the public stream. */
export interface StatusTypes {
  readonly id: string;
  readonly body: StatusChange;
  readonly row: StatusEventRow;
  readonly event: StatusEvent;
}

/** The log of the public stream. */
export type StatusLog = EventLog<StatusTypes>;

/** What the public stream is made of. */
export interface StatusStreamOptions {
  /** How things stand now, from memory. */
  readonly current: () => Status;
  /** Reads what an event is about in its current state; null for what memory knows. */
  readonly find: (type: StatusChange["type"], id: string) => Promise<StatusChange | null>;
}

/** Topic of the public stream. */
export function statusTopic(): string {
  return `status:${PUBLIC_STREAM}`;
}

/** Tells new events of the public stream from everything else that the feed says. */
export function isStatusNotice(notice: Notice): notice is CommittedNotice<StatusTypes> {
  return notice.type === "committed" && notice.kind === NAME;
}

/** Makes the kind of stream that the public feed is. Its events name nobody. */
export function statusStream({ current, find }: StatusStreamOptions): StreamKind<StatusTypes> {
  const materializeOne = async ({ offset, row }: LoggedRow<StatusEventRow>): Promise<StatusEvent> => {
    const { type, at, id } = row;
    const place = { offset, at };
    const status = current();
    if (id === null) return { ...place, type: "snapshot", status };
    const found = await find(type, id);
    if (found !== null) return { ...place, ...found };
    const component = status.components.find((one) => one.id === id);
    // A component that is hidden by now: how things stand says so.
    return component === undefined
      ? { ...place, type: "snapshot", status }
      : { ...place, type: "component", component };
  };
  return {
    name: NAME,
    keys: { head: keys.statusHead, rows: keys.statusEvents, row: keys.statusEvent },
    topicOf: statusTopic,
    toRow: (body, { at }) => ({ type: body.type, at, id: subjectOf(body), ...toldState(body) }),
    toEvent: (body, { offset, at }) => ({ ...body, offset, at }),
    materialize: (_id, rows) => Promise.all(rows.map(materializeOne)),
  };
}

/** Whether an event says that something was deleted. */
export function isDeleted(value: object): value is Deleted {
  return "deletedAt" in value;
}

function toldState(body: StatusChange): { state?: ComponentState } {
  if (body.type === "component") return { state: body.component.state };
  return body.type === "snapshot" ? { state: body.status.state } : {};
}

/** Id of what a change is about; null for a snapshot. */
export function subjectOf(body: StatusChange): string | null {
  switch (body.type) {
    case "snapshot":
      return null;
    case "component":
      return body.component.id;
    case "incident":
      return body.incident.id;
    case "maintenance":
      return body.maintenance.id;
    case "announcement":
      return body.announcement.id;
  }
}
