import "../base.ts";
import { createApi } from "../net/api.ts";
import { createChat } from "./chat.ts";
import { Rooms } from "./Rooms.tsx";

/** Everything that only who is signed in needs, in one file; the page of the signed out does without. */
export interface ChatPart {
  readonly createApi: typeof createApi;
  readonly createChat: typeof createChat;
  readonly Rooms: typeof Rooms;
}

export { createApi, createChat, Rooms };
