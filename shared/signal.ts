import type { RoomId, UserId } from "./ids.ts";

/** One device of a person: `key` is its session or token. */
export interface ConnectionAddress {
  readonly userId: UserId;
  readonly key: string;
}

/** Whom a signal is sent to, by its audience. */
export interface SignalAddresses {
  /** Who reads the room. */
  readonly room: RoomId;
  /** All devices of one person. */
  readonly person: UserId;
  /** One device of a person. */
  readonly connection: ConnectionAddress;
  /** The instances of the server and none of its clients. */
  readonly instances: null;
}

/** Who hears a signal. */
export type SignalAudience = keyof SignalAddresses;

/** What is said of a signal where it is defined. */
export interface SignalDefinition<Audience extends SignalAudience = SignalAudience> {
  /** Its name, on the wire and between instances. */
  readonly kind: string;
  readonly audience: Audience;
  /** What ends a subscription beside the session: a person that leaves the room hears no more of it. */
  readonly endsWith?: "membership";
  /** True when nobody hears what they caused; the value then says whose doing it is, as `userId`. */
  readonly exceptOwn?: boolean;
  /** True when each instance makes it for its own listeners, so that it never travels between instances. */
  readonly isLocal?: true;
}

declare const carried: unique symbol;

/** What is delivered to whoever is there and stored nowhere: it may be lost, and heals by itself. */
export interface Signal<Value = unknown, Audience extends SignalAudience = SignalAudience>
  extends SignalDefinition<Audience> {
  /** The type of what it carries; there is no such field at run time. */
  readonly [carried]?: Value;
}

/** Defines what the readers of a room hear. Everything that has to know of a signal goes by its definition. */
export function defineSignal<Value>(definition: SignalDefinition<"room">): Signal<Value, "room">;
/** Defines what one person hears, on all devices. */
export function defineSignal<Value>(definition: SignalDefinition<"person">): Signal<Value, "person">;
/** Defines what one device hears. */
export function defineSignal<Value>(definition: SignalDefinition<"connection">): Signal<Value, "connection">;
/** Defines what instances tell each other. */
export function defineSignal<Value>(definition: SignalDefinition<"instances">): Signal<Value, "instances">;
/** Gives the definition the type of what it carries. */
export function defineSignal<Value>(definition: SignalDefinition): Signal<Value> {
  return definition;
}
