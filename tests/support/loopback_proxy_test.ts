import { Buffer } from "node:buffer";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { openLoopbackProxy } from "./loopback_proxy.ts";

describe("openLoopbackProxy()", () => {
  it("passes on every byte of a body that comes with its head", async () => {
    const body = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const heard = Promise.withResolvers<Uint8Array>();
    const origin = createServer((socket) => {
      let all = Buffer.alloc(0);
      socket.on("data", (chunk: Uint8Array) => {
        all = Buffer.concat([all, chunk]);
        const at = all.indexOf("\r\n\r\n");
        if (at >= 0 && all.length >= at + 4 + body.length) heard.resolve(all.subarray(at + 4));
      });
      socket.on("error", () => {});
    });
    await new Promise<void>((resolve) => origin.listen(0, "127.0.0.1", resolve));
    const { port } = origin.address() as AddressInfo;
    {
      await using proxy = await openLoopbackProxy("127.0.0.9");
      const client = connect({ host: "127.0.0.1", port: Number(new URL(proxy.url).port) });
      const head =
        `POST http://127.0.0.1:${port}/ HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`;
      client.write(Buffer.concat([Buffer.from(head), body]));
      expect(Buffer.from(await heard.promise)).toEqual(body);
      const closed = once(client, "close");
      client.destroy();
      await closed;
    }
    await new Promise((resolve) => origin.close(resolve));
  });
});
