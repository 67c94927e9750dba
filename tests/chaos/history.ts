import type { RoomId, UserId } from "../../shared/ids.ts";

/** What a client asks for. */
export type OperationName = "send" | "edit" | "delete" | "react" | "mark" | "list" | "since";
export type InstanceName = "a" | "b";

/** A client is about to ask. Times are ms of the monotonic clock since the start of the run. */
export interface Invocation {
  readonly type: "invoke";
  readonly at: number;
  readonly op: number;
  readonly name: OperationName;
  readonly client: string;
  readonly person: UserId;
  readonly roomId: RoomId;
  readonly instance: InstanceName;
  readonly clientMessageId?: string;
  readonly text?: string;
  /** Of the message that is changed or marked; of the position that is asked from. */
  readonly offset?: number;
  readonly emoji?: string;
  readonly on?: boolean;
  /** Messages with the same number were sent in one turn on one connection, in the order of `op`. */
  readonly burst?: number;
}

/** It was done. */
export interface Completion {
  readonly type: "ok";
  readonly at: number;
  readonly op: number;
  /** Of the message. */
  readonly offset?: number;
  readonly text?: string;
  /** How far a read reached. */
  readonly head?: number;
  /** What a read held: messages of a page, or events. */
  readonly offsets?: readonly number[];
  readonly resync?: boolean;
}

/** It was refused (`fail`: it did not happen), or nobody knows whether it happened (`unknown`). */
export interface Failure {
  readonly type: "fail" | "unknown";
  readonly at: number;
  readonly op: number;
  readonly reason: string;
}

/** A subscription yielded something. */
export interface Delivery {
  readonly type: "event";
  readonly at: number;
  readonly client: string;
  readonly roomId: RoomId;
  readonly offset: number;
  /** `subscribed`, `resync_required`, or the type of the event. */
  readonly event: string;
  /** Of a new message. */
  readonly by?: UserId;
  readonly clientMessageId?: string;
  readonly text?: string;
}

/** Something was broken, or is whole again. */
export interface FaultMark {
  readonly type: "fault";
  readonly at: number;
  readonly fault: string;
  readonly phase: "begin" | "end";
}

/** Anything else that helps who reads the history. */
export interface Note {
  readonly type: "note";
  readonly at: number;
  readonly client: string;
  readonly text: string;
}

export type Entry = Invocation | Completion | Failure | Delivery | FaultMark | Note;

/** What a recorder is told; it adds the time. */
export type Untimed<T> = T extends unknown ? Omit<T, "at"> : never;

const FLUSH_AT_COUNT = 500;

/** Takes down everything that happens, in memory for the checker and as JSON lines for people. */
export class History implements Disposable {
  readonly entries: Entry[] = [];
  readonly path: string;
  readonly #file: Deno.FsFile;
  readonly #startedAt = performance.now();
  #lines: string[] = [];
  #opCount = 0;

  constructor(path: string) {
    this.path = path;
    this.#file = Deno.openSync(path, { create: true, write: true, truncate: true });
  }

  /** Ms since the start. */
  now(): number {
    return Math.round((performance.now() - this.#startedAt) * 10) / 10;
  }

  record(entry: Untimed<Entry>): void {
    const timed = { at: this.now(), ...entry } as Entry;
    this.entries.push(timed);
    this.#lines.push(JSON.stringify(timed));
    if (this.#lines.length >= FLUSH_AT_COUNT) this.#flush();
  }

  /** Records that an operation begins; gives its number. */
  invoke(invocation: Omit<Untimed<Invocation>, "type" | "op">): number {
    const op = ++this.#opCount;
    this.record({ type: "invoke", op, ...invocation });
    return op;
  }

  [Symbol.dispose](): void {
    this.#flush();
    this.#file.close();
  }

  #flush(): void {
    const bytes = new TextEncoder().encode(this.#lines.map((line) => `${line}\n`).join(""));
    this.#lines = [];
    for (let written = 0; written < bytes.length;) written += this.#file.writeSync(bytes.subarray(written));
  }
}

/** An operation with how it ended; null when it never did. */
export interface Operation {
  readonly invocation: Invocation;
  readonly end: Completion | Failure | null;
}

/** Puts beginnings and ends together, in the order of the beginnings. */
export function operationsOf(entries: readonly Entry[]): Operation[] {
  const ends = new Map<number, Completion | Failure>();
  for (const entry of entries) {
    if (entry.type === "ok" || entry.type === "fail" || entry.type === "unknown") ends.set(entry.op, entry);
  }
  return entries.flatMap((entry) =>
    entry.type === "invoke" ? [{ invocation: entry, end: ends.get(entry.op) ?? null }] : []
  );
}
