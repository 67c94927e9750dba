/** tRPC as its documentation shows it: the stock adapter and one async generator a subscription. */
import { EventEmitter, on } from "node:events";
import { initTRPC, tracked } from "@trpc/server";
import { applyWSSHandler } from "@trpc/server/adapters/ws";
// @ts-types="npm:@types/ws@8.18.2"
import { WebSocketServer } from "ws";
import { serveCommands } from "../process.ts";

const events = new EventEmitter();
events.setMaxListeners(0);
const t = initTRPC.create({ isDev: false });
const router = t.router({
  messages: t.router({
    onEvent: t.procedure.subscription(async function* ({ signal }) {
      for await (const [id, data] of on(events, "event", signal ? { signal } : {})) {
        yield tracked(String(id), data);
      }
    }),
  }),
});

const wss = new WebSocketServer({ port: 0, host: "127.0.0.1" });
await new Promise((resolve) => wss.once("listening", resolve));
applyWSSHandler({ wss, router, createContext: () => ({}) });
const { port } = wss.address() as { port: number };

await serveCommands({ port }, ({ event, position, burst }) => {
  for (let index = 0; index < Number(burst); index++) events.emit("event", position, event);
});
