import type { RoomsChange } from "../../shared/event.ts";
import type { RoomSummary } from "../../shared/room.ts";
import type { Caller } from "./caller.ts";
import type { EarlyStart } from "./early_start.ts";

/** Answers the first calls from the requests that the page sent early; those that failed are sent again. */
export function withEarly(caller: Caller, early: EarlyStart): Caller {
  return {
    request: (call) => {
      if (call.type === "mutation") early.clear();
      const answer = call.type === "query" ? early.take(call) : null;
      if (answer === null) return caller.request(call);
      return answer.catch(() => caller.request(call)).then((data) => {
        call.signal?.throwIfAborted();
        return data;
      });
    },
    subscribe: (call, handlers) => {
      const rooms = call.path === "rooms.onChange"
        ? early.take({ path: "rooms.list", input: undefined })
        : null;
      if (rooms === null) return caller.subscribe(call, handlers);
      // The subscription starts with all rooms, as the list does.
      let isLate = false;
      const subscription = caller.subscribe(call, {
        ...handlers,
        onData: (item) => {
          isLate = true;
          handlers.onData?.(item);
        },
      });
      rooms.then((list) => {
        const snapshot: RoomsChange = { type: "snapshot", rooms: list as RoomSummary[] };
        if (!isLate) handlers.onData?.(snapshot);
      }, () => {});
      return {
        unsubscribe: () => {
          isLate = true;
          subscription.unsubscribe();
        },
      };
    },
  };
}
