import type { PresenceUpdate } from "../../shared/presence.ts";

/** What `presence.set` takes. */
export interface OwnPresence {
  readonly status: "online" | "away";
  readonly text?: string;
  readonly textUntil?: string | null;
  readonly doNotDisturb?: boolean;
}

/** What presence needs of the server; `api.trpc.presence` fits. */
export interface PresenceApi {
  readonly set: { mutate(input: OwnPresence): Promise<unknown> };
  readonly onPresence: {
    subscribe(
      input: undefined,
      handlers: { onData: (update: PresenceUpdate) => void; onError?: (error: unknown) => void },
    ): { unsubscribe(): void };
  };
}
