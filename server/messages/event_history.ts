import type { RoomEvent } from "../../shared/event.ts";
import type { RoomId } from "../../shared/ids.ts";
import { PAGE_MAX_BYTES, REPLAY_MAX_COUNT } from "../../shared/limits.ts";
import type { RoomEventLog } from "../rooms/room_stream.ts";
import type { MessageReaderStore } from "./message_reader_store.ts";

/** Events per read. */
const CHUNK_COUNT = 100;

/** One part of a room's history. */
export interface Chunk {
  readonly events: RoomEvent[];
  /** Upper bound of the size of their JSON. */
  readonly sizeBytes: number;
  /** True if more events were read than fit. */
  readonly isCut: boolean;
  /** True if there were no more events. */
  readonly isEnd: boolean;
}

/** The events of an answer: those after `after`, at least up to `through` if they fit. */
export interface AnswerRange {
  readonly after: number;
  readonly through: number;
}

/** Reads events of rooms from storage, in parts that limit the memory per reader. */
export class EventHistory {
  readonly #roomLog: RoomEventLog;
  readonly #reader: MessageReaderStore;
  /** Answers being read, shared by all readers of the same range: a message wakes all who wait for it. */
  readonly #answers = new Map<string, Promise<RoomEvent[]>>();

  constructor(roomLog: RoomEventLog, reader: MessageReaderStore) {
    this.#roomLog = roomLog;
    this.#reader = reader;
  }

  /** Reads the next part of a replay, up to the size of an answer. */
  async chunk(roomId: RoomId, after: number, maxBytes = PAGE_MAX_BYTES): Promise<Chunk> {
    const { rows } = await this.#roomLog.read(roomId, after, CHUNK_COUNT);
    const { events, sizeBytes } = await this.#reader.materializeUpTo(roomId, rows, maxBytes);
    const isCut = events.length < rows.length;
    return { events, sizeBytes, isCut, isEnd: !isCut && rows.length < CHUNK_COUNT };
  }

  /** Reads an answer; simultaneous calls for the same range share one read. */
  answer(roomId: RoomId, { after, through }: AnswerRange): Promise<RoomEvent[]> {
    // A read for an older head may lack events that this reader knows of.
    const id = `${roomId} ${after} ${through}`;
    return this.#answers.getOrInsertComputed(id, () => {
      const answer = this.#readAnswer(roomId, after);
      const forget = () => this.#answers.delete(id);
      answer.then(forget, forget);
      return answer;
    });
  }

  async #readAnswer(roomId: RoomId, after: number): Promise<RoomEvent[]> {
    const events: RoomEvent[] = [];
    let leftBytes = PAGE_MAX_BYTES;
    for (;;) {
      const chunk = await this.chunk(roomId, events.at(-1)?.offset ?? after, leftBytes);
      // A part has at least one event; if that does not fit, it goes into the next answer.
      if (events.length > 0 && chunk.sizeBytes > leftBytes) return events;
      events.push(...chunk.events);
      leftBytes -= chunk.sizeBytes;
      if (chunk.isEnd || chunk.isCut || leftBytes <= 0 || events.length >= REPLAY_MAX_COUNT) return events;
    }
  }
}
