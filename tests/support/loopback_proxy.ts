import { Buffer } from "node:buffer";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";

/** A proxy that connects from one address in 127.0.0.0/8, so that a browser context is one person to the server. */
export interface LoopbackProxy extends AsyncDisposable {
  readonly url: string;
}

const HEAD_END = "\r\n\r\n";
const REFUSAL = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
const LOOPBACK_HOST = /^(127(\.\d{1,3}){3}|\[::1\])$/;

export interface LoopbackProxyOptions {
  /** Refuses CONNECT, which browsers use to open WebSockets through a proxy, like networks that only allow HTTP. */
  readonly refusesTunnels?: boolean;
}

/** Starts a proxy that connects from `localAddress`. */
export async function openLoopbackProxy(
  localAddress: string,
  { refusesTunnels = false }: LoopbackProxyOptions = {},
): Promise<LoopbackProxy> {
  const sockets = new Set<Socket>();
  const track = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    return socket;
  };
  const server = createServer((browser) => {
    track(browser);
    let head = "";
    const read = (chunk: Uint8Array) => {
      // Byte by byte, because "latin1" of TextDecoder is windows-1252, which changes some bytes.
      head += Buffer.from(chunk).toString("latin1");
      if (!head.includes(HEAD_END)) return;
      browser.off("data", read);
      browser.pause();
      if (refusesTunnels && head.startsWith("CONNECT")) return void browser.end(REFUSAL);
      forward(browser, head, (host, port) => track(connect({ host, port, localAddress })));
    };
    browser.on("data", read);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Answers CONNECT with a tunnel; forwards a request with an absolute URL, one per connection. */
function forward(browser: Socket, head: string, dial: (host: string, port: number) => Socket): void {
  const [method = "", target = ""] = head.split(" ");
  const url = URL.parse(method === "CONNECT" ? `http://${target}` : target);
  // Browsers also contact their vendor: tests stay on this machine, and a DNS lookup would outlive them.
  if (url === null || !LOOPBACK_HOST.test(url.hostname)) {
    browser.end(REFUSAL);
    return;
  }
  const server = dial(url.hostname.replace(/^\[|\]$/g, ""), Number(url.port || 80));
  server.on("connect", () => {
    if (method === "CONNECT") browser.write("HTTP/1.1 200 OK\r\n\r\n");
    else server.write(toOrigin(head, method, url), "latin1");
    server.pipe(browser);
    browser.pipe(server);
  });
  // When the server has gone, the browser sees a closed connection, as without a proxy.
  server.on("close", () => browser.destroy());
  browser.on("close", () => server.destroy());
}

function toOrigin(head: string, method: string, url: URL): string {
  const [, ...lines] = head.split("\r\n");
  // Browsers reuse proxy connections, but only the first request would be rewritten here.
  const kept = lines.filter((line) => !/^(proxy-connection|connection):/i.test(line));
  return [`${method} ${url.pathname}${url.search} HTTP/1.1`, "Connection: close", ...kept].join("\r\n");
}
