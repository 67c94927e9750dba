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
  /** Whether people do not receive signals they caused; the value then names them as `userId`. */
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

/** Defines a signal for the readers of a room. Everything that handles signals uses their definitions. */
export function defineSignal<Value>(definition: SignalDefinition<"room">): Signal<Value, "room">;
/** Defines a signal for one person, on all devices. */
export function defineSignal<Value>(definition: SignalDefinition<"person">): Signal<Value, "person">;
/** Defines a signal for one device. */
export function defineSignal<Value>(definition: SignalDefinition<"connection">): Signal<Value, "connection">;
/** Defines a signal for one tab: subscriptions with that `tabId`. */
export function defineSignal<Value>(definition: SignalDefinition<"tab">): Signal<Value, "tab">;
/** Defines a signal between instances. */
export function defineSignal<Value>(definition: SignalDefinition<"instances">): Signal<Value, "instances">;
/** Adds the type of the value to a definition. */
export function defineSignal<Value>(definition: SignalDefinition): Signal<Value> {
  return definition;
}
