import { PAGE_DEFAULT_COUNT, PAGE_MAX_COUNT } from "../shared/limits.ts";
import { lastingStorage } from "./app/page_storage.ts";
import { readPreferences } from "./app/preferences.ts";
import { parsePlace } from "./app/router/route.ts";
import { beginEarly } from "./net/early_start.ts";
import type { EarlyCall } from "./net/early_start.ts";
import { rememberedTransport, tabStorage } from "./net/transport_choice.ts";

begin();

/** Requests the data of the first view while the browser is fetching the client; only on pages of signed-in users. */
function begin(): void {
  const { theme, lastRoomId = null } = readPreferences(lastingStorage(globalThis.window));
  if (theme !== undefined) document.documentElement.dataset.theme = theme;
  const place = parsePlace(new URL(location.href));
  // On a phone, the list of rooms is shown first.
  const isList = matchMedia("(max-width: 640px)").matches;
  const roomId = place.type === "room" ? place.roomId : isList ? null : lastRoomId;
  const at = place.type === "room" && place.offset !== null ? { around: place.offset } : {};
  const calls: EarlyCall[] = [
    { path: "auth.me", input: undefined },
    { path: "rooms.list", input: undefined },
    { path: "users.list", input: { limit: PAGE_MAX_COUNT } },
  ];
  // Exactly the calls that the models will make.
  if (roomId !== null) {
    calls.push({ path: "messages.list", input: { roomId, ...at, limit: PAGE_DEFAULT_COUNT } });
  }
  const dials = rememberedTransport(tabStorage(), Date.now()) === "websocket";
  beginEarly({ baseUrl: location.origin, calls, dials });
}
