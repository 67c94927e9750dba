import { describe, expect, it } from "vitest";
import { preferOtherRelays } from "../../../../client/calls/links/other_relays.ts";

const A = [
  "turn:a.test:3478?transport=udp",
  "turn:a.test:3478?transport=tcp",
  "turns:a.test:5349?transport=tcp",
];
const B = [
  "turn:b.test:3478?transport=udp",
  "turn:b.test:3478?transport=tcp",
  "turns:b.test:5349?transport=tcp",
];
const [udp = "", tcp = "", tls = ""] = A;

describe("preferOtherRelays()", () => {
  it.each([
    ["the first", [...A, ...B], udp, [...B, tls, udp, tcp]],
    ["the last", [...B, ...A], udp, [...B, tls, udp, tcp]],
    ["one by TLS", [...A, ...B], tls, [...B, udp, tcp, tls]],
    ["the only one", A, udp, [tls, udp, tcp]],
    ["none of them", [...A, ...B], "turn:c.test:3478?transport=udp", [...A, ...B]],
    ["no relay", [...A, ...B], "", [...A, ...B]],
    [
      "one at an address",
      ["turn:[::1]:1?transport=udp", "turn:[::1]:2?transport=udp"],
      "turn:[::1]:1?transport=udp",
      [
        "turn:[::1]:2?transport=udp",
        "turn:[::1]:1?transport=udp",
      ],
    ],
  ])("puts the relay in use last: %s", (_, urls, usedUrl, sorted) => {
    const stun = { urls: ["stun:a.test:3478"] };
    expect(preferOtherRelays([stun, { urls, username: "u", credential: "c" }], usedUrl)).toEqual([
      stun,
      { urls: sorted, username: "u", credential: "c" },
    ]);
  });
});
