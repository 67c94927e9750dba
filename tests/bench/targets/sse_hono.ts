/** Server-sent events as the documentation of Hono shows them: `streamSSE`, one `writeSSE` for each reader. */
import { EventEmitter } from "node:events";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { serveCommands } from "../process.ts";

const events = new EventEmitter();
events.setMaxListeners(0);
const app = new Hono();
app.get("/status/events", (c) =>
  streamSSE(c, async (stream) => {
    const write = (id: string, data: string) => void stream.writeSSE({ event: "component", id, data });
    events.on("event", write);
    await new Promise<void>((resolve) => stream.onAbort(resolve));
    events.off("event", write);
  }));
const port = await new Promise<number>((resolve) => {
  const server = serve(
    { fetch: app.fetch, port: 0, hostname: "127.0.0.1" },
    () => resolve((server.address() as AddressInfo).port),
  );
});

await serveCommands({ port }, ({ id, data, burst }) => {
  for (let index = 0; index < Number(burst); index++) events.emit("event", String(id), String(data));
});
