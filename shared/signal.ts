import type { RoomId, TabId, UserId } from "./ids.ts";

/** One device of a person; `key` is its session or token. */
export interface ConnectionAddress {
  readonly userId: UserId;
  readonly key: string;
}

/** One tab of a device. */
export interface TabAddress extends ConnectionAddress {
  readonly tabId: TabId;
}

/** The recipient of a signal, by audience. */
export interface SignalAddresses {
  /** Everyone who reads the room. */
  readonly room: RoomId;
  /** All devices of a person. */
  readonly person: UserId;
  /** One device of a person. */
  readonly connection: ConnectionAddress;
  /** One tab of a device. */
  readonly tab: TabAddress;
  /** The server's instances, but no clients. */
  readonly instances: null;
}

/** Who receives a signal. */
export type SignalAudience = keyof SignalAddresses;

/** The field with the address, next to the fields of the value; null if the value has a field of its own. */
export const ADDRESS_FIELDS: Readonly<Record<SignalAudience, string | null>> = {
  room: "roomId",
  person: null,
  connection: null,
  tab: null,
  instances: null,
};

/** The definition of a signal. */
export interface SignalDefinition<Audience extends SignalAudience = SignalAudience> {
  /** Its name, on the wire and between instances. */
  readonly kind: string;
  readonly audience: Audience;
  /** What ends a subscription besides the session: members who leave the room receive no more. */
  readonly endsWith?: "membership";
  /** Whether readers of a room do not receive signals they caused; the value then names them as `userId`. */
  readonly exceptOwn?: boolean;
  /** True if each instance creates it for its own clients, so that it is never sent between instances. */
  readonly isLocal?: true;
}

declare const carried: unique symbol;

/**
 * An update that is delivered to whoever is connected and never stored. It may get lost; the next one corrects
 * that.
 */
export interface Signal<Value = unknown, Audience extends SignalAudience = SignalAudience>
  extends SignalDefinition<Audience> {
  /** The type of its value; this field does not exist at run time. */
  readonly [carried]?: Value;
}

/** A definition of a signal that reaches everyone in its audience. */
type ForAll<Audience extends SignalAudience> = SignalDefinition<Audience> & { readonly exceptOwn?: false };
/** Values that are sent next to `type` and the room, so they have no fields of these names. */
type RoomValue = object & { readonly type?: never; readonly roomId?: never };
/** Values that are sent next to `type`. */
type InstancesValue = object & { readonly type?: never };

/** Defines a signal for the readers of a room, except the person who caused it. */
export function defineSignal<Value extends RoomValue & { readonly userId: UserId }>(
  definition: SignalDefinition<"room"> & { readonly exceptOwn: true },
): Signal<Value, "room">;
/** Defines a signal for the readers of a room. Everything that handles signals uses their definitions. */
export function defineSignal<Value extends RoomValue>(definition: ForAll<"room">): Signal<Value, "room">;
/** Defines a signal for one person, on all devices. */
export function defineSignal<Value>(definition: ForAll<"person">): Signal<Value, "person">;
/** Defines a signal for one device. */
export function defineSignal<Value>(definition: ForAll<"connection">): Signal<Value, "connection">;
/** Defines a signal for one tab: subscriptions with that `tabId`. */
export function defineSignal<Value>(definition: ForAll<"tab">): Signal<Value, "tab">;
/** Defines a signal between instances. */
export function defineSignal<Value extends InstancesValue>(
  definition: ForAll<"instances">,
): Signal<Value, "instances">;
/** Adds the type of the value to a definition. */
export function defineSignal<Value>(definition: SignalDefinition): Signal<Value> {
  return definition;
}

/** Returns the signals unchanged; throws unless the key of each is its kind, by which clients find it. */
export function listSignals<Signals extends Readonly<Record<string, Signal>>>(signals: Signals): Signals {
  for (const [key, { kind }] of Object.entries(signals)) {
    if (key !== kind) {
      throw new TypeError(`Cannot list signal "${kind}" as "${key}": the key must be the kind`);
    }
  }
  return signals;
}
