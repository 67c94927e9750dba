import type { Page, User } from "../../shared/user.ts";
import type { EarlyCall, EarlyStart } from "../net/early_start.ts";
import type { Inputs } from "../net/trpc.ts";
import type { LastPage, OfflineCopy } from "./offline_copy.ts";

/** Options of `offlineAnswers`. */
export interface OfflineAnswersOptions {
  /** Whether the server answers by now. */
  readonly isOver: () => boolean;
  /** A room is opened whose messages are not stored. */
  readonly onMissing: () => void;
  /** Returns the socket that the page has dialed. */
  readonly takeSocket: EarlyStart["takeSocket"];
}

type Range = Inputs["messages"]["list"];

/** Answers the calls of the first view from what is stored, until the server does. */
export function offlineAnswers(copy: OfflineCopy, options: OfflineAnswersOptions): EarlyStart {
  const { isOver, onMissing, takeSocket } = options;
  return {
    take: (call) => {
      const answer = isOver() ? null : answerOf(call, copy, onMissing);
      return answer === null ? null : Promise.resolve(answer);
    },
    // Mutations change nothing before the server answers.
    clear: () => {},
    takeSocket,
  };
}

function answerOf({ path, input }: EarlyCall, copy: OfflineCopy, onMissing: () => void): unknown {
  const { rooms, users } = copy.workspace;
  if (path === "rooms.list") return rooms;
  if (path === "users.list") return { items: [...users], cursor: null } satisfies Page<User>;
  if (path !== "messages.list") return null;
  const range = input as Range;
  const page = copy.rooms.find(({ key }) => key === range.roomId)?.page;
  if (page !== undefined && answers(page, range, copy)) return page;
  if (opensRoom(range)) onMissing();
  return null;
}

/** Whether the last page of a room has what is asked for. */
function answers(page: LastPage, range: Range, { workspace: { rooms } }: OfflineCopy): boolean {
  const { around, limit } = range;
  if (around === undefined) return opensRoom(range);
  if (limit === 1) return page.messages.some(({ offset }) => offset === around);
  const isOnPage = !page.hasOlder || around >= (page.messages[0]?.offset ?? 0);
  // A room with much unread opens at the last message that was read: its end is better than nothing.
  const readOffset = rooms.find(({ id }) => id === range.roomId)?.readOffset;
  return isOnPage || around === Math.max(1, readOffset ?? 1);
}

/** Whether a room is opened, other than when it is scrolled or quotes a message. */
function opensRoom({ before, after, limit }: Range): boolean {
  return before === undefined && after === undefined && limit !== 1;
}
