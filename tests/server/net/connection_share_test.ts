import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { AddressRanges } from "../../../server/net/address.ts";
import { ConnectionShare } from "../../../server/net/connection_share.ts";
import { HTTP_CONNECTIONS_PER_ADDRESS_COUNT } from "../../../shared/limits.ts";
import { RawClient } from "../../support/raw_client.ts";
import { testApp } from "../../support/test_app.ts";

/** A fake socket from any address, because test machines do not have such addresses. */
function socketFrom(remoteAddress: string): Pick<Socket, "remoteAddress" | "once"> & EventEmitter {
  return Object.assign(new EventEmitter(), { remoteAddress }) as unknown as Socket;
}

describe("ConnectionShare", () => {
  it("leaves room for others when one address takes its maximum", async () => {
    await using app = await testApp();
    const { address } = app.device();
    const clients: RawClient[] = [];
    const extraCount = 50;
    try {
      for (let count = 0; count < HTTP_CONNECTIONS_PER_ADDRESS_COUNT + extraCount; count++) {
        clients.push(await RawClient.dial(app.port, address));
      }
      await expect.poll(() => clients.filter(({ isClosed }) => isClosed).length, { timeout: 5_000 })
        .toBe(extraCount);
      const response = await app.device().fetch("/healthz");
      await response.body?.cancel();
      expect(response.status).toBe(200);
    } finally {
      await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()));
    }
  }, 30_000);

  it("frees a place when a connection closes", () => {
    const share = new ConnectionShare({ trusted: new AddressRanges(), perAddressCount: 2 });
    const first = socketFrom("::ffff:203.0.113.1");
    expect([share.take(first), share.take(socketFrom("203.0.113.1"))]).toEqual([true, true]);
    expect(share.take(socketFrom("203.0.113.1"))).toBe(false);
    first.emit("close");
    expect([share.take(socketFrom("203.0.113.1")), share.take(socketFrom("203.0.113.1"))]).toEqual([
      true,
      false,
    ]);
  });

  it("counts IPv6 by /64, and by /56 and /48", () => {
    const share = new ConnectionShare({
      trusted: new AddressRanges(),
      perAddressCount: 2,
      perNetworkCount: 3,
    });
    const takes = (...addresses: string[]) => addresses.map((address) => share.take(socketFrom(address)));
    expect(takes("2001:db8:1:200::1", "2001:db8:1:200::2", "2001:db8:1:200::3")).toEqual([true, true, false]);
    expect(takes("2001:db8:1:201::1", "2001:db8:1:2ff::1")).toEqual([true, false]);
    expect(takes("2001:db8:1:ff00::1")).toEqual([false]);
    expect(takes("2001:db8:2:200::1")).toEqual([true]);
  });

  it("does not count connections from a trusted proxy", () => {
    const trusted = new AddressRanges();
    trusted.add("10.0.0.0/8");
    const share = new ConnectionShare({ trusted, perAddressCount: 1 });
    for (let count = 0; count < 3; count++) expect(share.take(socketFrom("10.1.2.3"))).toBe(true);
    expect([share.take(socketFrom("11.1.2.3")), share.take(socketFrom("11.1.2.3"))]).toEqual([true, false]);
  });
});
