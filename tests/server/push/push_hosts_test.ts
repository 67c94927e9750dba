import { describe, expect, it } from "vitest";
import { parseConfig } from "../../../server/config.ts";
import { pushAddress } from "../../../server/push/push_hosts.ts";

const PUBLIC_URL = "https://chat.example.org";
const { pushHosts } = parseConfig({ PUBLIC_URL });

describe("PUSH_HOSTS", () => {
  it("are by default the push services of the four browser makers, and need https", () => {
    expect(pushHosts).toEqual([
      "fcm.googleapis.com",
      "updates.push.services.mozilla.com",
      "web.push.apple.com",
      "*.notify.windows.com",
    ]);
    expect(parseConfig({}).pushHosts).toEqual([]);
    expect(parseConfig({ PUBLIC_URL: "http://127.0.0.1:8000" }).pushHosts).toEqual([]);
    expect(parseConfig({ PUBLIC_URL, PUSH_HOSTS: "none" }).pushHosts).toEqual([]);
    expect(parseConfig({ PUBLIC_URL, PUSH_HOSTS: "Push.Example.org, *.push.example.net" }).pushHosts).toEqual(
      [
        "push.example.org",
        "*.push.example.net",
      ],
    );
  });

  it.each([
    "push",
    "localhost",
    "push.localhost",
    "127.0.0.1",
    "[::1]",
    "*",
    "*.org:443",
    "https://push.example.org",
    "push.example.org/x",
    "push.*.org",
    "a.example.org --allow-run",
    ",",
    "none,push.example.org x",
  ])("refuse %s", (value) => {
    expect(() => parseConfig({ PUBLIC_URL, PUSH_HOSTS: value })).toThrow(/^PUSH_HOSTS is/);
  });
});

describe("pushAddress", () => {
  it.each([
    "https://fcm.googleapis.com/fcm/send/abc",
    "https://fcm.googleapis.com:443/fcm/send/abc",
    "https://wns2-db5p.notify.windows.com/w/?token=abc",
    "https://web.push.apple.com/QGu",
  ])("takes %s", (endpoint) => {
    expect(pushAddress(endpoint, pushHosts)?.href).toBe(endpoint.replace(":443", ""));
  });

  it.each([
    "http://fcm.googleapis.com/fcm/send/abc",
    "https://fcm.googleapis.com:8443/fcm/send/abc",
    "https://me@fcm.googleapis.com/fcm/send/abc",
    "https://:x@fcm.googleapis.com/fcm/send/abc",
    "https://fcm.googleapis.com@evil.example/fcm",
    "https://fcm.googleapis.com.evil.example/",
    "https://fcm.googleapis.com./fcm/send/abc",
    "https://evilnotify.windows.com/",
    "https://notify.windows.com/",
    "https://127.0.0.1/",
    "https://2130706433/",
    "https://[::1]/",
    "https://localhost/",
    "javascript:alert(1)",
    "fcm.googleapis.com",
  ])("refuses %s", (endpoint) => {
    expect(pushAddress(endpoint, pushHosts)).toBeNull();
  });

  it("dials no address of this machine, whatever is configured", () => {
    for (const endpoint of ["https://a.localhost/", "https://10.0.0.1/", "https://[fd00::1]/"]) {
      expect(pushAddress(endpoint, ["a.localhost", "10.0.0.1", "*.0.0.1", "[fd00::1]"])).toBeNull();
    }
  });
});
