import { describe, expect, it } from "vitest";
import { CONFIG_VARIABLES, parseConfig } from "../../server/config.ts";

const TURN_SECRET = "secret of the relays".replaceAll(" ", "-");

const LIVEKIT = {
  LIVEKIT_URL: "wss://livekit.example.org",
  LIVEKIT_KEY: "parley",
  LIVEKIT_SECRET: "thirty-two-characters-or-more-of-it",
};

function problem(environment: Parameters<typeof parseConfig>[0]): string {
  try {
    parseConfig(environment);
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

describe("parseConfig()", () => {
  it("serves loopback from ./data by default", () => {
    expect(parseConfig({})).toMatchObject({
      host: "127.0.0.1",
      port: 8000,
      publicUrl: null,
      dataDir: "./data",
      metricsToken: null,
      logLevel: "info",
      logFormat: "text",
      isDev: false,
    });
    expect(parseConfig({ PORT: "", HOST: " " })).toMatchObject({ host: "127.0.0.1", port: 8000 });
  });

  const bad: Record<string, [Parameters<typeof parseConfig>[0], RegExp]> = {
    "a port that is no number": [
      { PORT: "http" },
      /^PORT is "http", but must be a whole number from 0 to 65535$/,
    ],
    "a port beyond the last": [{ PORT: "65536" }, /^PORT is "65536"/],
    "a negative port": [{ PORT: "-1" }, /^PORT is "-1"/],
    "a host name": [{ HOST: "chat.example.org" }, /^HOST is "chat\.example\.org", but must be an IP address/],
    "a public URL with a path": [
      { PUBLIC_URL: "https://example.org/chat" },
      /^PUBLIC_URL .* an https:\/\/ origin/,
    ],
    "a public URL without a scheme": [{ PUBLIC_URL: "chat.example.org" }, /^PUBLIC_URL /],
    "a public URL over http": [{ PUBLIC_URL: "http://chat.example.org" }, /^PUBLIC_URL /],
    "every address without https": [
      { HOST: "0.0.0.0" },
      /^HOST is "0\.0\.0\.0", but must be a loopback address/,
    ],
    "every address behind http": [{ HOST: "::", PUBLIC_URL: "http://localhost:8000" }, /^HOST /],
    "a data folder that would split a list": [{ DATA_DIR: "/srv/a,b" }, /^DATA_DIR is "\/srv\/a,b"/],
    "a proxy that is no network": [{ TRUST_PROXY: "10.0.0.0/33" }, /^TRUST_PROXY is "10\.0\.0\.0\/33"/],
    "a database that is no address": [
      { KV_URL: "localhost:4512" },
      /^KV_URL is "localhost:4512", but must be/,
    ],
    "a database without its token": [
      { KV_URL: "http://127.0.0.1:4512" },
      /^DENO_KV_ACCESS_TOKEN is "\(0 characters\)", but must be the access token/,
    ],
    "a database with a password, which is not shown": [
      { KV_URL: "http://me:hunter2@127.0.0.1:4512", DENO_KV_ACCESS_TOKEN: "operator-token" },
      /^KV_URL is "\(an address with a password\)", but must be an address without one/,
    ],
    "an instance with a space": [{ INSTANCE_ID: "a b" }, /^INSTANCE_ID is "a b", but must be 1 to 32/],
    "a peer with a path": [
      { PEER_URLS: "http://10.0.0.2:8000/x" },
      /^PEER_URLS is ".*", but must be origins/,
    ],
    "a relay that is no address": [
      { TURN_URLS: "https://turn.example.org", TURN_SECRET },
      /^TURN_URLS is "https:\/\/turn\.example\.org", but must be turn: and turns: addresses/,
    ],
    "a relay over DTLS": [
      { TURN_URLS: "turns:turn.example.org?transport=udp", TURN_SECRET },
      /^TURN_URLS is "turns:/,
    ],
    "a relay at a port that is none": [
      { TURN_URLS: "turn:turn.example.org:70000", TURN_SECRET },
      /^TURN_URLS is "turn:/,
    ],
    "a relay with a password, which is not shown": [
      { TURN_URLS: "turn:me:hunter2@turn.example.org", TURN_SECRET },
      /^TURN_URLS is "\(an address with @\)"/,
    ],
    "more relays than one probe can try": [
      { TURN_URLS: Array.from({ length: 9 }, (_, index) => `turn:10.0.0.${index}`).join(","), TURN_SECRET },
      /^TURN_URLS is ".*", but must be at most 8 addresses$/,
    ],
    "a relay without its secret": [
      { TURN_URLS: "turn:turn.example.org" },
      /^TURN_SECRET is "\(0 characters\)", but must be the static-auth-secret .* at least 16/,
    ],
    "a secret without relays, which is not shown": [
      { TURN_SECRET },
      /^TURN_URLS is "", but must be set where TURN_SECRET is$/,
    ],
    "a STUN server that is no address": [
      { STUN_URLS: "stun:stun.example.org,stuns:stun.example.net" },
      /^STUN_URLS is "stuns:stun\.example\.net", but must be stun: addresses separated by commas/,
    ],
    "a STUN server with a transport": [
      { STUN_URLS: "stun:stun.example.org?transport=udp" },
      /^STUN_URLS is "stun:stun\.example\.org\?transport=udp"/,
    ],
    "a STUN server at a port that is none": [
      { STUN_URLS: "stun:192.0.2.1:0" },
      /^STUN_URLS is "stun:192\.0\.2\.1:0"/,
    ],
    "more STUN servers than browsers should ask": [
      { STUN_URLS: Array.from({ length: 5 }, (_, index) => `stun:10.0.0.${index}`).join(",") },
      /^STUN_URLS is ".*", but must be at most 4 addresses$/,
    ],
    "a STUN port that is none": [
      { STUN_PORT: "0" },
      /^STUN_PORT is "0", but must be a whole number from 1 to 65535$/,
    ],
    "a LiveKit server over plain http": [
      { ...LIVEKIT, LIVEKIT_URL: "ws://livekit.example.org" },
      /^LIVEKIT_URL is "ws:\/\/livekit\.example\.org", but must be a wss:\/\/ origin/,
    ],
    "a LiveKit server that is no WebSocket": [
      { ...LIVEKIT, LIVEKIT_URL: "https://livekit.example.org" },
      /^LIVEKIT_URL is "https:/,
    ],
    "a LiveKit server with a path": [
      { ...LIVEKIT, LIVEKIT_URL: "wss://livekit.example.org/rtc" },
      /^LIVEKIT_URL is ".*\/rtc", but must be/,
    ],
    "a LiveKit server that would change the security policy": [
      { ...LIVEKIT, LIVEKIT_URL: "wss://a;script-src" },
      /^LIVEKIT_URL is "wss:\/\/a;script-src"/,
    ],
    "a LiveKit server with a password, which is not shown": [
      { ...LIVEKIT, LIVEKIT_URL: "wss://me:hunter2@livekit.example.org" },
      /^LIVEKIT_URL is "\(an address with @\)"/,
    ],
    "a LiveKit key without its server": [
      { ...LIVEKIT, LIVEKIT_URL: "" },
      /^LIVEKIT_URL is "", but must be a wss:/,
    ],
    "a LiveKit key that may be a secret, which is not shown": [
      { ...LIVEKIT, LIVEKIT_KEY: "key: secret" },
      /^LIVEKIT_KEY is "\(11 characters\)", but must be the name of a key .* 1 to 64 letters/,
    ],
    "a LiveKit server without its key": [
      { ...LIVEKIT, LIVEKIT_KEY: "" },
      /^LIVEKIT_KEY is "\(0 characters\)"/,
    ],
    "a LiveKit secret that LiveKit refuses, which is not shown": [
      { ...LIVEKIT, LIVEKIT_SECRET: "31-characters-are-one-too-few-x" },
      /^LIVEKIT_SECRET is "\(31 characters\)", but must be the secret of LIVEKIT_KEY, at least 32/,
    ],
    "a mirror over http": [
      { STATUS_MIRROR_URL: "http://status.example.net/" },
      /^STATUS_MIRROR_URL is "http:\/\/status\.example\.net\/", but must be the https:\/\/ address/,
    ],
    "a mirror that would run as a script": [
      { STATUS_MIRROR_URL: "javascript:alert(1)" },
      /^STATUS_MIRROR_URL is "javascript:alert\(1\)", but must be the https:\/\/ address/,
    ],
    "a mirror with a password, which is not shown": [
      { STATUS_MIRROR_URL: "https://me:hunter2@status.example.net/" },
      /^STATUS_MIRROR_URL is "\(an address with @\)"/,
    ],
    "a mirror that goes down with us": [
      { PUBLIC_URL: "https://chat.example.org", STATUS_MIRROR_URL: "https://chat.example.org/mirror" },
      /^STATUS_MIRROR_URL is ".*", but must be on another host than PUBLIC_URL, to outlive it$/,
    ],
    "a log level": [
      { LOG_LEVEL: "loud" },
      /^LOG_LEVEL is "loud", but must be one of debug, info, warn, error$/,
    ],
    "a log format": [{ LOG_FORMAT: "xml" }, /^LOG_FORMAT is "xml", but must be one of text, json$/],
  };
  for (const [name, [environment, line]] of Object.entries(bad)) {
    it(`refuses ${name} in one line`, () => {
      expect(problem(environment)).toMatch(line);
      expect(problem(environment)).not.toContain("\n");
    });
  }

  it("does not show a metrics token, even an invalid one", () => {
    expect(problem({ METRICS_TOKEN: "hunter2" })).toBe(
      'METRICS_TOKEN is "(7 characters)", but must be at least 16 printable ASCII characters without spaces',
    );
  });

  it("reads relays as browsers do", () => {
    const TURN_URLS = "turn:Turn.Example.org, turn:[2001:DB8::1]:80?transport=tcp,turns:192.0.2.1";
    expect(parseConfig({ TURN_URLS, TURN_SECRET }).turn).toEqual({
      secret: TURN_SECRET,
      servers: [
        { url: "turn:Turn.Example.org", host: "turn.example.org", port: 3478, transport: "udp" },
        { url: "turn:[2001:DB8::1]:80?transport=tcp", host: "2001:db8::1", port: 80, transport: "tcp" },
        { url: "turns:192.0.2.1", host: "192.0.2.1", port: 5349, transport: "tls" },
      ],
    });
  });

  it("has no server for calls by default", () => {
    expect(parseConfig({})).toMatchObject({ stunUrls: [], turn: null, liveKit: null });
  });

  it("adds our own STUN server to others, by the host that people use", () => {
    const STUN_URLS = "stun:Stun.Example.org, stun:[2001:db8::1]:3479";
    const { stunUrls } = parseConfig({
      STUN_URLS,
      STUN_PORT: "3478",
      PUBLIC_URL: "https://chat.example.org:8443",
    });
    expect(stunUrls).toEqual([
      "stun:Stun.Example.org",
      "stun:[2001:db8::1]:3479",
      "stun:chat.example.org:3478",
    ]);
    expect(parseConfig({ STUN_PORT: "40000" }).stunUrls).toEqual(["stun:127.0.0.1:40000"]);
    expect(parseConfig({ STUN_PORT: "1", PUBLIC_URL: "http://[::1]:8000" }).stunUrls).toEqual([
      "stun:[::1]:1",
    ]);
  });

  it("accepts LiveKit as an origin, and without TLS on loopback", () => {
    const secret = LIVEKIT.LIVEKIT_SECRET;
    expect(parseConfig({ ...LIVEKIT, LIVEKIT_URL: "wss://LiveKit.Example.org/" }).liveKit).toEqual({
      url: "wss://livekit.example.org",
      key: "parley",
      secret,
    });
    expect(parseConfig({ ...LIVEKIT, LIVEKIT_URL: "ws://127.0.0.1:7880" }).liveKit?.url).toBe(
      "ws://127.0.0.1:7880",
    );
  });

  it("accepts a mirror in a folder", () => {
    const config = parseConfig({ STATUS_MIRROR_URL: "https://pages.example.net/parley" });
    expect(config.statusMirrorUrl).toBe("https://pages.example.net/parley");
    // Nothing in it can end the attribute in which pages name it.
    const odd = parseConfig({ STATUS_MIRROR_URL: 'https://pages.example.net/"><script>' });
    expect(odd.statusMirrorUrl).toBe("https://pages.example.net/%22%3E%3Cscript%3E");
  });

  it("accepts an https origin with any listening address, and spells it as browsers do", () => {
    const config = parseConfig({ HOST: "0.0.0.0", PUBLIC_URL: "https://Chat.Example.org/" });
    expect(config).toMatchObject({ host: "0.0.0.0", publicUrl: "https://chat.example.org" });
  });

  it("lists all variables it reads, for the permissions of the start task", () => {
    expect([...CONFIG_VARIABLES].sort()).toEqual(
      [
        "DATA_DIR",
        "DENO_KV_ACCESS_TOKEN",
        "HOST",
        "INSTANCE_ID",
        "KV_URL",
        "LIVEKIT_KEY",
        "LIVEKIT_SECRET",
        "LIVEKIT_URL",
        "LOG_FORMAT",
        "LOG_LEVEL",
        "METRICS_TOKEN",
        "PEER_URLS",
        "PORT",
        "PUBLIC_URL",
        "PUSH_HOSTS",
        "STATUS_MIRROR_URL",
        "STUN_PORT",
        "STUN_URLS",
        "TRUST_PROXY",
        "TURN_SECRET",
        "TURN_URLS",
      ],
    );
  });
});
