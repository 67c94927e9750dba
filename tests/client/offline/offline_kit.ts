import type { RoomId, SessionId, UserId } from "../../../shared/ids.ts";
import type { Message } from "../../../shared/message.ts";
import type { Me } from "../../../shared/user.ts";
import type { LastPage, OfflineRow, WorkspaceRow } from "../../../client/offline/offline_copy.ts";
import type { OfflineStore } from "../../../client/offline/offline_store.ts";
import { sentMessage } from "../../support/sent_message.ts";
import { ANA, BEN, idOf, roomNamed } from "../rooms/rooms_kit.ts";

export { ANA, BEN, idOf, roomNamed };

export const ME: Me = {
  id: ANA,
  name: "Ana",
  role: "member",
  sessionId: "session000000001" as SessionId,
  workspaceName: "Harbour",
  createdAt: "2026-11-02T09:00:00.000Z",
  passwordResets: [],
};

export function workspaceRow(parts: Partial<WorkspaceRow> = {}): WorkspaceRow {
  return { key: "workspace", me: ME, rooms: [], users: [], at: 1_000_000, ...parts };
}

export function messageAt(offset: number, text = `Message ${offset}`, by: UserId = ANA): Message {
  return sentMessage({
    roomId: "room000000000001" as RoomId,
    offset,
    by,
    at: "2026-11-02T09:00:00.000Z",
    text,
    clientMessageId: `message-${offset}`,
  });
}

/** The end of a room with these messages. */
export function pageOf(messages: Message[], head = messages.at(-1)?.offset ?? 0): LastPage {
  return { messages, hasOlder: false, hasNewer: false, position: `epoch1.${head}` };
}

/** A store in memory that can fail as browsers do. */
export class MemoryStore implements OfflineStore {
  readonly rows = new Map<string, OfflineRow>();
  /** What each write throws. */
  problem: DOMException | null = null;
  isClosed = false;

  list(): Promise<OfflineRow[]> {
    return Promise.resolve([...this.rows.values()]);
  }

  put(row: OfflineRow): Promise<void> {
    if (this.problem !== null) return Promise.reject(this.problem);
    this.rows.set(row.key, row);
    return Promise.resolve();
  }

  remove(key: string): Promise<void> {
    this.rows.delete(key);
    return Promise.resolve();
  }

  close(): void {
    this.isClosed = true;
  }
}
