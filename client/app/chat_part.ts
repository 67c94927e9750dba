import "../base.ts";

// The part for signed-in users; pages of signed-out users do not load it.
export { createApi } from "../net/api.ts";
export { createChat } from "./chat.ts";
export { Rooms } from "./Rooms.tsx";
