// Deno's own EventSource supports neither cookies nor a local address; this is the one that Node programs use.
// deno-lint-ignore no-import-prefix -- a test tool; the import map would make every start fetch it
import { EventSource } from "npm:eventsource@5.1.5";

/** Creates an EventSource class that sends its requests through `fetch`. */
export function eventSourceOver(fetch: typeof globalThis.fetch): typeof EventSource {
  return class extends EventSource {
    constructor(url: string | URL) {
      super(url, { fetch: (input, init) => fetch(input, init as RequestInit) });
    }
  };
}
