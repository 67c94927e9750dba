import "../base.ts";
import { createApi } from "../net/api.ts";
import { createChat } from "./chat.ts";
import { Rooms } from "./Rooms.tsx";

/** The part for signed-in users; pages of signed-out users do not load it. */
export interface ChatPart {
  readonly createApi: typeof createApi;
  readonly createChat: typeof createChat;
  readonly Rooms: typeof Rooms;
}

export { createApi, createChat, Rooms };
