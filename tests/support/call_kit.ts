import type { Call, CallUpdate, Joined } from "../../shared/call/call_types.ts";
import { newId } from "../../shared/ids.ts";
import type { CallId, ParticipantId, RoomId, SessionId, TabId, UserId } from "../../shared/ids.ts";
import { newCall, withDevice, withRings } from "../../server/calls/call_record.ts";
import type { CallRow } from "../../server/calls/call_record.ts";
import type { Database } from "../../server/kv/database.ts";
import { keys } from "../../server/kv/keys.ts";
import type { Person, TestApp } from "./test_app.ts";
import type { Client, Transport } from "./test_clients.ts";
import { waitFor } from "./wait.ts";

/** Nothing but a microphone. */
export const VOICE = { mic: true, cam: false } as const;
/** A microphone and a camera. */
export const VIDEO = { mic: true, cam: true } as const;

/** One type of update. */
export type UpdateOf<Type extends CallUpdate["type"]> = Extract<CallUpdate, { readonly type: Type }>;

/** A tab that listens to calls, and everything that it heard. */
export class CallTab {
  readonly tabId: TabId;
  /** A stock client of the device. */
  readonly api: Client;
  readonly heard: CallUpdate[] = [];
  /** Codes of errors that ended its stream. */
  readonly errors: string[] = [];
  #stop: () => void;

  /** Created by `callTab`. */
  constructor(api: Client, tabId: TabId) {
    this.api = api;
    this.tabId = tabId;
    const subscription = api.calls.onSignal.subscribe({ tabId }, {
      onData: (update) => void this.heard.push(update),
      onError: (error) => void this.errors.push(error.data?.appCode ?? error.message),
    });
    this.#stop = () => subscription.unsubscribe();
  }

  /** Returns all updates of a type. */
  all<Type extends CallUpdate["type"]>(type: Type): UpdateOf<Type>[] {
    return this.heard.filter((update): update is UpdateOf<Type> => update.type === type);
  }

  /** Waits for the update of a type that comes after `count` others. */
  async next<Type extends CallUpdate["type"]>(type: Type, count = 0): Promise<UpdateOf<Type>> {
    await waitFor(() => this.all(type).length > count, { timeoutMs: 20_000 });
    return this.all(type)[count] as UpdateOf<Type>;
  }

  /** Returns the newest state of a call that it heard of. */
  call(): Call | undefined {
    return this.all("call_changed").at(-1)?.call;
  }

  /** Waits until the call has this number of participants. */
  async until(count: number): Promise<Call> {
    await waitFor(() => this.call()?.participants.length === count, { timeoutMs: 20_000 });
    return this.call() as Call;
  }

  /** Starts the call of a room. */
  start(roomId: RoomId, media: { mic: boolean; cam: boolean } = VOICE): Promise<Joined> {
    return this.api.calls.start.mutate({ roomId, tabId: this.tabId, media });
  }

  /** Joins a call. */
  join({ callId }: Pick<Call, "callId">, media: { mic: boolean; cam: boolean } = VOICE): Promise<Joined> {
    return this.api.calls.join.mutate({ callId, tabId: this.tabId, media });
  }

  /** Answers the ring of a call. */
  accept({ callId }: Pick<Call, "callId">): Promise<Joined> {
    return this.api.calls.accept.mutate({ callId, tabId: this.tabId, media: VOICE });
  }

  /** Leaves a call. */
  leave({ callId }: Pick<Call, "callId">): Promise<null> {
    return this.api.calls.leave.mutate({ callId, tabId: this.tabId });
  }

  /** Ends its stream, as a closed tab would. */
  stop(): void {
    this.#stop();
  }
}

/** Opens a tab and waits for its snapshot. */
export async function callTab(api: Client, tabId = newId<TabId>()): Promise<CallTab> {
  const tab = new CallTab(api, tabId);
  await tab.next("snapshot");
  return tab;
}

/** Opens a tab of a person on the device that they signed in with. */
export function tabOf(app: TestApp, person: Person, transport: Transport = "ws"): Promise<CallTab> {
  return callTab(app.clientFor(person, transport));
}

/** Opens a tab of a person on a second device. */
export async function phoneOf(app: TestApp, { name, password }: Person): Promise<CallTab> {
  const device = app.device();
  await device.client("http").auth.signIn.mutate({ name, password: password as string });
  return await callTab(device.client("ws"));
}

/** Returns the room that everybody is in. */
export async function generalRoom({ api }: Person): Promise<RoomId> {
  const room = (await api.rooms.list.query()).find(({ name }) => name === "General");
  if (room === undefined) throw new Error("There is no room");
  return room.id;
}

/** Opens the direct room of two people. */
export async function directRoom({ api }: Person, other: Person): Promise<RoomId> {
  return (await api.rooms.openDirect.mutate({ userId: other.id })).id;
}

/** Returns the code with which a call of a procedure is refused; "ok" if it is not. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "ok";
  } catch (error) {
    return (error as { data?: { appCode?: string } }).data?.appCode ?? String(error);
  }
}

/** Stores a call of somebody who is nowhere signed in; instances find it when it is asked for. */
export async function storeCall(db: Database, options: {
  readonly roomId: RoomId;
  readonly by: UserId;
  readonly participantId: ParticipantId;
  readonly ringFor: UserId;
  readonly isDirect?: boolean;
}): Promise<{ readonly callId: CallId }> {
  const { roomId, by, participantId, ringFor, isDirect = false } = options;
  const callId = newId<CallId>();
  const sessionId = newId<SessionId>();
  const device = {
    userId: by,
    accountId: by,
    key: sessionId,
    sessionId,
    tokenId: null,
    tabId: newId<TabId>(),
  };
  const startedAt = new Date().toISOString();
  const started = newCall({ callId, startedBy: by, startedAt, purpose: "talk", isDirect });
  const entered = withDevice(started, device, { media: VOICE, participantId, hasSfu: false });
  const until = new Date(Date.now() + 45_000).toISOString();
  const call = withRings(entered, [{ userId: ringFor, state: "calling" }], { by, video: false, until });
  const row: CallRow = { revision: 1, call, last: null };
  await db.commit({ sets: [[keys.call(roomId), row], [keys.callRoom(callId), roomId]] });
  return { callId };
}
