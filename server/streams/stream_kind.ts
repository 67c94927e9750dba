import type { AppError } from "../../shared/errors.ts";
import type { UserId } from "../../shared/ids.ts";

/** The types of one kind of stream. */
export interface StreamTypes {
  readonly id: string;
  /** What an append request contains. */
  readonly body: unknown;
  /** The stored row. */
  readonly row: unknown;
  /** What readers receive. */
  readonly event: { readonly offset: number };
}

/** Who did it, and when. */
export interface Occasion {
  readonly by: UserId;
  readonly at: string;
}

/** A row of the log and its place. */
export interface LoggedRow<Row> {
  readonly offset: number;
  readonly row: Row;
}

/** Where the streams of a kind are kept. */
export interface StreamKeys<Id extends string> {
  head(id: Id): Deno.KvKey;
  /** Prefix of all rows of one stream. */
  rows(id: Id): Deno.KvKey;
  row(id: Id, offset: number): Deno.KvKey;
}

/** A user who lost access, and the error they receive. */
export interface Loss {
  readonly userId: UserId;
  readonly error: AppError;
}

/** Everything that log, feed and hub need to know about a kind of stream. */
export interface StreamKind<T extends StreamTypes> {
  /** Different for every kind; other instances know the kind by it. */
  readonly name: string;
  readonly keys: StreamKeys<T["id"]>;
  /** Topic in which the hub publishes a stream. */
  topicOf(id: T["id"]): string;
  /** Returns the stored row of an event, without anything that may change or be deleted later. */
  toRow(body: T["body"], occasion: Occasion): T["row"];
  /** Returns the event as it is delivered live. */
  toEvent(body: T["body"], place: Occasion & { readonly offset: number }): T["event"];
  /** Turns rows into events, in the same order, each with what it is about in its current state. */
  materialize(id: T["id"], rows: readonly LoggedRow<T["row"]>[]): Promise<T["event"][]>;
  /** Returns whose subscriptions an event ends; the event is the last one they receive. */
  lossBy?(id: T["id"], event: T["event"]): Loss | null;
}
