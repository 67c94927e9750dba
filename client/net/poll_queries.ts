import { shapeCaller } from "./caller.ts";
import type { PollQueries } from "./event_poll.ts";
import { httpCall } from "./http_call.ts";
import type { Fetch } from "./transport.ts";
import type { Trpc } from "./trpc.ts";

/** Makes the queries of polls over HTTP, each alone: a batch would wait for the slowest of them. */
export function pollQueries(url: string, fetch: Fetch): PollQueries {
  const request = httpCall(url, fetch);
  const client = shapeCaller<Trpc>({ request, subscribe: noStreams });
  return {
    since: (input, signal) => client.messages.since.query(input, { signal }),
    head: (roomId, signal) => client.messages.list.query({ roomId, limit: 1 }, { signal }),
    rooms: (signal) => client.rooms.list.query(undefined, { signal }),
    calls: (input, signal) => client.calls.poll.query(input, { signal }),
  };
}

function noStreams(): never {
  throw new Error("Polls need no streams");
}
