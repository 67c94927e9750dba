import type { AppError } from "../../shared/errors.ts";
import type { UserId } from "../../shared/ids.ts";

/** The types of one kind of stream. */
export interface StreamTypes {
  readonly id: string;
  /** What an append request says has happened. */
  readonly body: unknown;
  /** What is kept of it. */
  readonly row: unknown;
  /** What readers get. */
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

/** Somebody who may not read a stream any more, and what they are told. */
export interface Loss {
  readonly userId: UserId;
  readonly error: AppError;
}

/** All that the log, the feed and the hub know of a kind of stream. Everything else about it lives with its feature. */
export interface StreamKind<T extends StreamTypes> {
  /** Different for every kind; other instances know the kind by it. */
  readonly name: string;
  readonly keys: StreamKeys<T["id"]>;
  /** Topic in which the hub publishes a stream. */
  topicOf(id: T["id"]): string;
  /** Gives what is kept of an event; what may change or be deleted later is not part of it. */
  toRow(body: T["body"], occasion: Occasion): T["row"];
  /** Gives the event as it is delivered live. */
  toEvent(body: T["body"], place: Occasion & { readonly offset: number }): T["event"];
  /** Turns rows into events, in the same order, each with what it is about in its current state. */
  materialize(id: T["id"], rows: readonly LoggedRow<T["row"]>[]): Promise<T["event"][]>;
  /** Says whose subscriptions end with an event: they hear the event itself and nothing behind it. */
  lossBy?(id: T["id"], event: T["event"]): Loss | null;
}
