import type { CallUpdate } from "./call/call_types.ts";
import type { RoomId, UserId } from "./ids.ts";
import type { PersonSettings } from "./notify/notification_settings.ts";
import type { PresenceUpdate } from "./presence.ts";
import { ADDRESS_FIELDS, defineSignal, listSignals } from "./signal.ts";
import type { Signal } from "./signal.ts";

/** Somebody started or stopped typing in a room. */
export interface TypingUpdate {
  readonly userId: UserId;
  readonly isTyping: boolean;
}

/** All signals that clients receive, by kind. There is no other list. */
export const SIGNALS = listSignals({
  typing: defineSignal<TypingUpdate>({
    kind: "typing",
    audience: "room",
    endsWith: "membership",
    exceptOwn: true,
  }),
  presence: defineSignal<PresenceUpdate>({ kind: "presence", audience: "person", isLocal: true }),
  settings: defineSignal<PersonSettings>({ kind: "settings", audience: "person", isLocal: true }),
  signals: defineSignal<CallUpdate>({ kind: "signals", audience: "tab", isLocal: true }),
});

/** `rooms.onChange` yields one of the `signals` at a time. */
const CHANGE_TYPES = { signals: "signal" } as const;

/** The name of a signal. */
export type SignalKind = keyof typeof SIGNALS;

/** All kinds, for `also` of `rooms.onChange`. */
export const SIGNAL_KINDS = Object.keys(SIGNALS) as SignalKind[];

type ChangeType<Kind> = Kind extends keyof typeof CHANGE_TYPES ? (typeof CHANGE_TYPES)[Kind] : Kind;
type ChangeOf<Kind extends string, Defined> = Defined extends Signal<infer Value, infer Audience>
  ? Audience extends "room" ? { readonly type: Kind; readonly roomId: RoomId } & Value
  : { readonly type: Kind; readonly update: Value }
  : never;
type HandlerOf<Defined> = Defined extends Signal<infer Value, infer Audience>
  ? Audience extends "room" ? (update: Value, roomId: RoomId) => void
  : (update: Value) => void
  : never;

/** A signal as `rooms.onChange` yields it. */
export type SignalChange = {
  [Kind in SignalKind]: ChangeOf<ChangeType<Kind>, (typeof SIGNALS)[Kind]>;
}[SignalKind];

type Handlers = { readonly [Kind in SignalKind]: HandlerOf<(typeof SIGNALS)[Kind]> };

/** A client's handlers. That of calls is loaded when it is needed, and not every client asks for settings. */
export type SignalHandlers = Omit<Handlers, "settings" | "signals"> & Partial<Handlers>;

/** Converts a signal to the form that `rooms.onChange` yields. */
export function toSignalChange({ kind, audience }: Signal, to: unknown, value: unknown): SignalChange {
  const field = ADDRESS_FIELDS[audience];
  const type = kind === "signals" ? CHANGE_TYPES[kind] : kind;
  const change = field === null ? { type, update: value } : { type, [field]: to, ...value as object };
  return change as SignalChange;
}

/** Passes what `rooms.onChange` yielded to its handler; ignores kinds of a newer server. */
export function dispatchSignal(change: SignalChange, handlers: SignalHandlers): void {
  const kind = change.type === CHANGE_TYPES.signals ? "signals" : change.type;
  if (!Object.hasOwn(SIGNALS, kind)) return;
  // The handler matches the kind of the change, but the compiler cannot know.
  const handle = handlers[kind] as ((update: unknown, roomId?: RoomId) => void) | undefined;
  const { type: _, ...fields } = change as unknown as Readonly<Record<string, unknown>>;
  const field = ADDRESS_FIELDS[SIGNALS[kind].audience];
  if (field === null) return handle?.(fields.update);
  const { [field]: to, ...update } = fields;
  handle?.(update, to as RoomId);
}
