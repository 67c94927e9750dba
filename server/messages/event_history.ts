import type { RoomEvent } from "../../shared/event.ts";
import type { RoomId } from "../../shared/ids.ts";
import { PAGE_MAX_BYTES, REPLAY_MAX_COUNT } from "../../shared/limits.ts";
import type { RoomEventLog } from "../rooms/room_stream.ts";
import type { MessageReaderStore } from "./message_reader_store.ts";

/** Events read from storage at once. */
const CHUNK_COUNT = 100;

/** Events read at once. */
export interface Chunk {
  readonly events: RoomEvent[];
  /** Upper bound of their JSON. */
  readonly sizeBytes: number;
  /** More was read than fits. */
  readonly isCut: boolean;
  /** Nothing more was there. */
  readonly isEnd: boolean;
}

/** Which events an answer holds: those after `after`, and at least up to `through`, if they fit. */
export interface AnswerRange {
  readonly after: number;
  readonly through: number;
}

/** Reads the events of rooms from storage, as many at a time as may stand in memory for one reader. */
export class EventHistory {
  readonly #eventLog: RoomEventLog;
  readonly #reader: MessageReaderStore;
  /** Answers being read, each for all who ask for the same: a message wakes everybody who waits for it. */
  readonly #answers = new Map<string, Promise<RoomEvent[]>>();

  /** Reads the rows from the log and their messages from the reader. */
  constructor(eventLog: RoomEventLog, reader: MessageReaderStore) {
    this.#eventLog = eventLog;
    this.#reader = reader;
  }

  /** Reads the next part of a replay, not more than fits into an answer. */
  async chunk(roomId: RoomId, after: number, maxBytes = PAGE_MAX_BYTES): Promise<Chunk> {
    const { rows } = await this.#eventLog.read(roomId, after, CHUNK_COUNT);
    const { events, sizeBytes } = await this.#reader.materializeUpTo(roomId, rows, maxBytes);
    const isCut = events.length < rows.length;
    return { events, sizeBytes, isCut, isEnd: !isCut && rows.length < CHUNK_COUNT };
  }

  /** Reads what one answer may hold; who asks for the same meanwhile gets the same, without another read. */
  answer(roomId: RoomId, { after, through }: AnswerRange): Promise<RoomEvent[]> {
    // What is read for an older head may lack what this reader was told of.
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
      // A chunk holds one event even where it does not fit: that one is for the next answer.
      if (events.length > 0 && chunk.sizeBytes > leftBytes) return events;
      events.push(...chunk.events);
      leftBytes -= chunk.sizeBytes;
      if (chunk.isEnd || chunk.isCut || leftBytes <= 0 || events.length >= REPLAY_MAX_COUNT) return events;
    }
  }
}
