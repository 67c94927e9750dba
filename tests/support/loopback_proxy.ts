import { Buffer } from "node:buffer";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";

/** A proxy that dials from one address of 127.0.0.0/8, so that a browser context is one person to the server. */
export interface LoopbackProxy extends AsyncDisposable {
  readonly url: string;
}

const HEAD_END = "\r\n\r\n";
const REFUSAL = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
const LOOPBACK_HOST = /^(127(\.\d{1,3}){3}|\[::1\])$/;

/** How a proxy differs from a plain one. */
export interface LoopbackProxyOptions {
  /** Refuses CONNECT, by which browsers open WebSockets through a proxy: as networks do that know only HTTP. */
  readonly refusesTunnels?: boolean;
}

/** Starts a proxy whose connections come from `localAddress`. */
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
      // Byte by byte: the label "latin1" of TextDecoder is windows-1252, which changes some of them.
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

/** Answers CONNECT with a tunnel; passes a request with an absolute address on, one per connection. */
function forward(browser: Socket, head: string, dial: (host: string, port: number) => Socket): void {
  const [method = "", target = ""] = head.split(" ");
  const url = URL.parse(method === "CONNECT" ? `http://${target}` : target);
  // Browsers also call home: a test stays on this machine, and a name that is looked up outlives it.
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
  // The browser sees a cut connection, as without a proxy, when the server is gone.
  server.on("close", () => browser.destroy());
  browser.on("close", () => server.destroy());
}

function toOrigin(head: string, method: string, url: URL): string {
  const [, ...lines] = head.split("\r\n");
  // Browsers keep a proxy connection for many requests; only the first would be rewritten here.
  const kept = lines.filter((line) => !/^(proxy-connection|connection):/i.test(line));
  return [`${method} ${url.pathname}${url.search} HTTP/1.1`, "Connection: close", ...kept].join("\r\n");
}
