/** The reference: Deno's own WebSocket and a loop that sends one text to every socket. */
import { serveCommands } from "../process.ts";

const sockets = new Set<WebSocket>();
const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.onopen = () => sockets.add(socket);
  socket.onclose = () => sockets.delete(socket);
  return response;
});

await serveCommands({ port: server.addr.port }, ({ text, burst }) => {
  for (let index = 0; index < Number(burst); index++) {
    for (const socket of sockets) socket.send(String(text));
  }
});
