/** Appends to many rooms at once until it is killed: `FOLDER ROOM_COUNT`. Prints a line when the first are stored. */
import { KvDatabase } from "../../server/kv/kv_database.ts";
import { roomIds, sendTo } from "./many_streams.ts";
import { ANA, logOn } from "./stream_kit.ts";

const [folder, count] = Deno.args;
const { eventLog } = logOn(new KvDatabase(await Deno.openKv(`${folder}/parley.sqlite`)));
const rooms = roomIds(Number(count));
for (let round = 0;; round++) {
  await Promise.all(rooms.map((roomId) => eventLog.append(roomId, sendTo(roomId, ANA, `m${round}`))));
  if (round === 3) console.log("stored");
}
