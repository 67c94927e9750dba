import { Buffer } from "node:buffer";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";

/** A reverse proxy that sets X-Forwarded-For. */
export interface ForwardingProxy extends AsyncDisposable {
  readonly url: string;
  /** Forwards everything to this loopback port from now on. */
  serve(port: number): void;
}

const REQUEST_LINE = /^[A-Z]+ [^\r\n]+ HTTP\/1\.1\r\n/;

/** Starts a proxy that forwards connections and adds the header to the first request of each. */
export async function openForwardingProxy(forwardedFor: string): Promise<ForwardingProxy> {
  const sockets = new Set<Socket>();
  const track = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    return socket;
  };
  let target = 0;
  const server = createServer((client) => {
    const upstream = track(connect({ host: "127.0.0.1", port: target }));
    track(client).once("data", (chunk: Uint8Array) => {
      const head = Buffer.from(chunk).toString("latin1");
      upstream.write(
        head.replace(REQUEST_LINE, (line) => `${line}X-Forwarded-For: ${forwardedFor}\r\n`),
        "latin1",
      );
      client.pipe(upstream);
    });
    upstream.pipe(client);
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    serve: (port) => void (target = port),
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
