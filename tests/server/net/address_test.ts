import { describe, expect, it } from "vitest";
import { AddressRanges, clientAddress, isLoopback, limitSubject } from "../../../server/net/address.ts";

function ranges(...networks: string[]): AddressRanges {
  const all = new AddressRanges();
  for (const network of networks) expect([network, all.add(network)]).toEqual([network, true]);
  return all;
}

describe("clientAddress()", () => {
  it("T28 is the peer unless the peer is a trusted proxy, whatever it forwards", () => {
    expect(clientAddress("203.0.113.9", "198.51.100.1", ranges("10.0.0.0/8"))).toBe("203.0.113.9");
    expect(clientAddress("203.0.113.9", undefined, ranges())).toBe("203.0.113.9");
  });

  it("T28 is the rightmost address that is not a trusted proxy: the rest can be forged", () => {
    const trusted = ranges("10.0.0.0/8", "::1");
    expect(clientAddress("10.0.0.1", "6.6.6.6, 198.51.100.1", trusted)).toBe("198.51.100.1");
    expect(clientAddress("::1", "6.6.6.6, 198.51.100.1, 10.1.2.3", trusted)).toBe("198.51.100.1");
    expect(clientAddress("10.0.0.1", "10.0.0.2, 10.0.0.3", trusted)).toBe("10.0.0.2");
    expect(clientAddress("10.0.0.1", "6.6.6.6, not an address", trusted)).toBe("10.0.0.1");
    expect(clientAddress("10.0.0.1", "", trusted)).toBe("10.0.0.1");
  });

  it("understands IPv4-mapped IPv6", () => {
    expect(clientAddress("::ffff:10.0.0.1", "198.51.100.1", ranges("10.0.0.0/8"))).toBe("198.51.100.1");
    expect(clientAddress("::ffff:0a00:1", "198.51.100.1", ranges("10.0.0.0/8"))).toBe("198.51.100.1");
    expect(clientAddress("fe80::1%eth0", undefined, ranges())).toBe("fe80::1");
  });
});

describe("AddressRanges", () => {
  it("accepts networks and addresses, and nothing else", () => {
    for (const network of ["10.0.0.0/8", "::1", "fd00::/8", "127.0.0.1", "0.0.0.0/0"]) ranges(network);
    for (
      const bad of [
        "",
        "10.0.0.0/33",
        "::1/129",
        "10.0.0/8",
        "example.org",
        "10.0.0.0/8/8",
        "10.0.0.0/-1",
        "10.0.0.0/",
      ]
    ) {
      expect([bad, new AddressRanges().add(bad)]).toEqual([bad, false]);
    }
  });
});

describe("limitSubject()", () => {
  it("is the exact IPv4 address, or the IPv6 /64", () => {
    expect(limitSubject("127.1.2.3")).toBe("127.1.2.3");
    expect(limitSubject("2001:db8:1:2:3:4:5:6")).toBe("2001:db8:1:2::/64");
    expect(limitSubject("2001:db8:1:2::1")).toBe(limitSubject("2001:db8:1:2:ffff::"));
    expect(limitSubject("2001:0db8::1")).toBe(limitSubject("2001:db8:0:0::2"));
    expect(limitSubject("2001:db8:1:2::1")).not.toBe(limitSubject("2001:db8:1:3::1"));
    expect(limitSubject("::1")).toBe("0:0:0:0::/64");
  });
});

describe("isLoopback()", () => {
  it("is true for this machine only", () => {
    expect(["127.0.0.1", "127.1.2.3", "::1", "localhost"].every(isLoopback)).toBe(true);
    expect(["0.0.0.0", "::", "10.0.0.1", "127.0.0.1.evil.example", "localhost.evil.example"].some(isLoopback))
      .toBe(false);
  });
});
