import { describe, expect, it } from "vitest";
import { NO_FILES, STUCK_MS } from "../../../shared/call/file_transfer.ts";
import type { FilesEvent, FilesState } from "../../../shared/call/file_transfer.ts";
import type { FileMessage } from "../../../shared/call/file_message.ts";
import { reduceFiles } from "../../../shared/call/reduce_files.ts";

const fileId = "file000000000000";
const size = 100;
const hash = "a".repeat(64);
const hear = (message: FileMessage): FilesEvent => ({ type: "message", message });
const offered = hear({ type: "offer", fileId, name: "a.txt", size });
const open: FilesEvent = { type: "channel", isOpen: true };
const accepted = hear({ type: "accept", fileId, offset: 0 });
const chunkSent: FilesEvent = { type: "chunk_sent", fileId, offset: 0, bufferedBytes: 0 };
const hashed: FilesEvent = { type: "hashed", fileId, hash };
const opened: FilesEvent = { type: "opened", fileId, offset: 0 };
const chunk: FilesEvent = { type: "chunk", fileId, offset: 0, length: size };
const stored: FilesEvent = { type: "stored", fileId, offset: size };
const complete = hear({ type: "complete", fileId, hash });
const checked = (isEqual: boolean) => hear({ type: "checked", fileId, isEqual });

/** What leads to each phase of a file that is sent. */
const OUTGOING: Readonly<Record<string, readonly FilesEvent[]>> = (() => {
  const offer: FilesEvent[] = [open, { type: "offer", fileId, name: "a.txt", size }];
  const checking = [...offer, accepted, chunkSent];
  return {
    offered: offer,
    waiting: [...offer, accepted, { type: "channel", isOpen: false }],
    sending: [...offer, accepted],
    checking,
    done: [...checking, hashed, checked(true)],
    declined: [...offer, hear({ type: "decline", fileId })],
  };
})();

/** The same of a file that is received. */
const INCOMING: Readonly<Record<string, readonly FilesEvent[]>> = (() => {
  const receiving: FilesEvent[] = [open, offered, { type: "accept", fileId }, opened];
  const checking = [...receiving, chunk, stored, complete];
  return {
    offered: [open, offered],
    receiving,
    checking,
    done: [...checking, hashed],
    declined: [open, offered, { type: "decline", fileId }],
  };
})();

const EVENTS: Readonly<Record<string, readonly [FilesEvent, afterMs?: number]>> = {
  "channel open": [open],
  "channel lost": [{ type: "channel", isOpen: false }],
  "offered": [offered],
  "accepted": [accepted],
  "accepted beyond the end": [hear({ type: "accept", fileId, offset: size + 1 })],
  "acknowledged": [hear({ type: "ack", fileId, offset: size })],
  "declined": [hear({ type: "decline", fileId })],
  "cancelled": [hear({ type: "cancel", fileId })],
  "complete": [complete],
  "found equal": [checked(true)],
  "found different": [checked(false)],
  "act: accept": [{ type: "accept", fileId }],
  "act: decline": [{ type: "decline", fileId }],
  "act: cancel": [{ type: "cancel", fileId }],
  "act: forget": [{ type: "forget", fileId }],
  "chunk": [chunk],
  "chunk sent": [chunkSent],
  "restore": [{ type: "restore", fileId, name: "a.txt", size, isDone: false }],
  "opened": [opened],
  "taken": [{ type: "taken", fileId }],
  "stored": [stored],
  "hashed": [hashed],
  "hashed differently": [{ type: "hashed", fileId, hash: "b".repeat(64) }],
  "file failed": [{ type: "file_failed", fileId }],
  "three minutes": [{ type: "tick" }, STUCK_MS],
  "of another file": [{ type: "cancel", fileId: "file000000000001" }],
};

/** The phase of a file that is sent, after each event, in the order of `OUTGOING`. */
const OUTGOING_TABLE = {
  "channel open": "offered waiting waiting waiting done declined",
  "channel lost": "offered waiting waiting waiting done declined",
  "offered": "offered waiting sending checking done declined",
  "accepted": "sending waiting sending checking done declined",
  "accepted beyond the end": "offered waiting sending checking done declined",
  "acknowledged": "offered waiting sending checking done declined",
  "declined": "declined declined declined declined done declined",
  "cancelled": "declined cancelled cancelled cancelled done declined",
  "complete": "offered waiting sending checking done declined",
  "found equal": "offered waiting sending checking done declined",
  "found different": "offered waiting sending checking done declined",
  "act: accept": "offered waiting sending checking done declined",
  "act: decline": "offered waiting sending checking done declined",
  "act: cancel": "cancelled cancelled cancelled cancelled done declined",
  "act: forget": "offered waiting sending checking - -",
  "chunk": "offered waiting sending checking done declined",
  "chunk sent": "offered waiting checking checking done declined",
  "restore": "offered waiting sending checking done declined",
  "opened": "offered waiting sending checking done declined",
  "taken": "- - - - done declined",
  "stored": "offered waiting sending checking done declined",
  "hashed": "offered waiting sending checking done declined",
  "hashed differently": "offered waiting sending checking done declined",
  "file failed": "failed failed failed failed done declined",
  "three minutes": "offered waiting failed failed done declined",
  "of another file": "offered waiting sending checking done declined",
};

/** The same of a file that is received. */
const INCOMING_TABLE = {
  "channel open": "offered receiving checking done declined",
  "channel lost": "offered receiving checking done declined",
  "offered": "offered receiving checking done declined",
  "accepted": "offered receiving checking done declined",
  "accepted beyond the end": "offered receiving checking done declined",
  "acknowledged": "offered receiving checking done declined",
  "declined": "offered receiving checking done declined",
  "cancelled": "cancelled cancelled cancelled done declined",
  "complete": "offered failed checking done declined",
  "found equal": "offered receiving checking done declined",
  "found different": "offered receiving checking done declined",
  "act: accept": "receiving receiving checking done declined",
  "act: decline": "declined receiving checking done declined",
  "act: cancel": "cancelled cancelled cancelled done declined",
  "act: forget": "offered receiving checking - -",
  "chunk": "offered receiving checking done declined",
  "chunk sent": "offered receiving checking done declined",
  "restore": "offered receiving checking done declined",
  "opened": "offered receiving checking done declined",
  "taken": "- - - done declined",
  "stored": "offered receiving checking done declined",
  "hashed": "offered receiving done done declined",
  "hashed differently": "offered receiving damaged done declined",
  "file failed": "failed failed failed done declined",
  "three minutes": "offered receiving failed done declined",
  "of another file": "offered receiving checking done declined",
};

function reduceAll(events: readonly FilesEvent[]): FilesState {
  return events.reduce((state, event) => reduceFiles(state, event, 0).state, NO_FILES);
}

function nextIn(path: readonly FilesEvent[], [event, afterMs = 0]: readonly [FilesEvent, number?]): string {
  const { outgoing, incoming } = reduceFiles(reduceAll(path), event, afterMs).state;
  return [...outgoing, ...incoming].map(({ phase }) => phase).join("+") || "-";
}

describe("reduceFiles()", () => {
  it("goes from each phase to the one that the table names, by each event", () => {
    for (const [paths, table] of [[OUTGOING, OUTGOING_TABLE], [INCOMING, INCOMING_TABLE]] as const) {
      const found = Object.entries(EVENTS).map(([name, event]) => {
        return [name, Object.values(paths).map((path) => nextIn(path, event)).join(" ")];
      });
      expect(Object.fromEntries(found)).toEqual(table);
    }
  });

  it("ends a file that was sent by the answer of the other side alone", () => {
    for (const [isEqual, phase] of [[true, "done"], [false, "damaged"]] as const) {
      expect(nextIn([...OUTGOING.checking ?? [], hashed], [checked(isEqual)])).toBe(phase);
    }
  });
});
