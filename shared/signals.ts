import type { RoomId, UserId } from "./ids.ts";
import type { PresenceUpdate } from "./presence.ts";
import { defineSignal } from "./signal.ts";
import type { Signal } from "./signal.ts";

/** Somebody started or stopped typing in a room. */
export interface TypingUpdate {
  readonly userId: UserId;
  readonly isTyping: boolean;
}

/** Every signal that clients hear, by its kind. This is the only list of them. */
export const SIGNALS = {
  typing: defineSignal<TypingUpdate>({
    kind: "typing",
    audience: "room",
    endsWith: "membership",
    exceptOwn: true,
  }),
  presence: defineSignal<PresenceUpdate>({ kind: "presence", audience: "person", isLocal: true }),
};

/** The name of a signal. */
export type SignalKind = keyof typeof SIGNALS;

/** All names, such as `rooms.onChange` takes in `also`. */
export const SIGNAL_KINDS = Object.keys(SIGNALS) as SignalKind[];

type ChangeOf<Kind extends SignalKind, Defined> = Defined extends Signal<infer Value, infer Audience>
  ? Audience extends "room" ? { readonly type: Kind; readonly roomId: RoomId } & Value
  : { readonly type: Kind; readonly update: Value }
  : never;
type HandlerOf<Defined> = Defined extends Signal<infer Value, infer Audience>
  ? Audience extends "room" ? (update: Value, roomId: RoomId) => void
  : (update: Value) => void
  : never;

/** A signal as `rooms.onChange` yields it. */
export type SignalChange = { [Kind in SignalKind]: ChangeOf<Kind, (typeof SIGNALS)[Kind]> }[SignalKind];

/** What a client does with each signal. */
export type SignalHandlers = { readonly [Kind in SignalKind]: HandlerOf<(typeof SIGNALS)[Kind]> };

/** Gives a signal the form in which `rooms.onChange` yields it. */
export function toSignalChange({ kind, audience }: Signal, to: unknown, value: unknown): SignalChange {
  const change = audience === "room"
    ? { type: kind, roomId: to, ...value as object }
    : { type: kind, update: value };
  return change as SignalChange;
}

/** Hands what `rooms.onChange` yielded to its handler; kinds that only a newer server knows are passed over. */
export function dispatchSignal(change: SignalChange, handlers: SignalHandlers): void {
  if (!Object.hasOwn(SIGNALS, change.type)) return;
  // Each handler fits the change of its own kind, which the compiler cannot see here.
  const handle = handlers[change.type] as (update: unknown, roomId?: RoomId) => void;
  if ("update" in change) return handle(change.update);
  const { type: _, roomId, ...update } = change;
  handle(update, roomId);
}
