import { describe, expect, it } from "vitest";
// @ts-types="npm:@types/ws@8.18.2"
import { WebSocket } from "ws";
import { testApp } from "../../support/test_app.ts";
import type { Person, TestApp } from "../../support/test_app.ts";
import type { Device } from "../../support/test_clients.ts";

const OWNER_PASSWORD = "seven green bicycles";

/** A mutation without a tRPC client, to see status and headers. */
function post(device: Device, path: string, input?: unknown): Promise<Response> {
  return device.fetch(`/trpc/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    ...(input === undefined ? {} : { body: JSON.stringify(input) }),
  });
}

/** Opens a person's WebSocket; `closed` resolves with its close code. */
async function openSocket(device: Device, headers = device.headers()): Promise<{ closed: Promise<number> }> {
  const url = `${device.origin.replace("http", "ws")}/trpc`;
  const socket = new WebSocket(url, { localAddress: device.address, headers, perMessageDeflate: false });
  const closed = new Promise<number>((resolve) => socket.on("close", resolve));
  await new Promise((resolve, reject) => socket.on("open", resolve).on("error", reject));
  return { closed };
}

async function signInAgain(app: TestApp, person: Person): Promise<Device> {
  const device = app.device();
  const { name, password } = person;
  await device.client("http").auth.signIn.mutate({ name, password: password ?? "" });
  return device;
}

describe("the session cookie", () => {
  it("is __Host-, Secure, HttpOnly and SameSite under https", async () => {
    await using app = await testApp({ config: { publicUrl: "https://chat.example.org" } });
    const device = app.device();
    const response = await post(device, "auth.signIn", { name: "Ana", password: OWNER_PASSWORD });
    const [cookie = "", ...others] = response.headers.getSetCookie();
    await response.body?.cancel();
    expect(others).toEqual([]);
    const [pair, ...attributes] = cookie.split("; ");
    expect(pair).toMatch(/^__Host-sid=[\w-]{43}$/);
    expect(attributes.filter((text) => !text.startsWith("Max-Age")).toSorted())
      .toEqual(["HttpOnly", "Path=/", "SameSite=Strict", "Secure"]);
  });

  it("has a plain name on loopback, changes at each sign-in and password change, and is cleared at sign-out", async () => {
    await using app = await testApp();
    const { device, api } = app.owner;
    const first = device.cookie;
    expect(first).toMatch(/^sid=[\w-]{43}$/);
    await api.auth.changePassword.mutate({ current: OWNER_PASSWORD, next: "eight red umbrellas" });
    const second = device.cookie;
    await api.auth.signIn.mutate({ name: "Ana", password: "eight red umbrellas" });
    const third = device.cookie;
    expect(new Set([first, second, third]).size).toBe(3);
    const response = await post(device, "auth.signOut");
    expect(await response.json()).toEqual({ result: { data: null } });
    expect(response.headers.get("clear-site-data")).toBe('"storage"');
    expect(device.cookie).toBeNull();
    for (const cookie of [first, second, third]) {
      device.cookie = cookie;
      const answer = await device.fetch("/trpc/auth.sessions");
      expect(answer.status).toBe(401);
      await answer.body?.cancel();
    }
  });

  it("is set over HTTP only", async () => {
    await using app = await testApp();
    const signIn = app.clientFor(app.owner, "ws").auth.signIn.mutate({
      name: "Ana",
      password: OWNER_PASSWORD,
    });
    await expect(signIn).rejects.toMatchObject({ data: { appCode: "invalid_request" } });
  });
});

describe("what is refused", () => {
  it("looks the same for a known and an unknown name", async () => {
    await using app = await testApp();
    const answers: unknown[] = [];
    for (const name of ["Ana", "Nobody"]) {
      const response = await post(app.device(), "auth.signIn", { name, password: "wrong" });
      const headers = [...response.headers].filter(([key]) => key !== "date");
      answers.push([response.status, headers, await response.json()]);
    }
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[0]).toMatchObject([401, expect.anything(), {
      error: { data: { appCode: "bad_credentials" } },
    }]);
  });

  it("says when to retry after too many attempts, and no header changes whose attempts they are", async () => {
    await using app = await testApp();
    const device = app.device();
    let last: Response | null = null;
    for (let index = 0; index < 6; index++) {
      await last?.body?.cancel();
      last = await device.fetch("/trpc/auth.signIn", {
        method: "POST",
        headers: { "content-type": "application/json", "x-forwarded-for": `198.51.100.${index}` },
        body: JSON.stringify({ name: "Ana", password: "wrong" }),
      });
    }
    expect(last?.status).toBe(429);
    const { error } = await last?.json();
    expect(error.data).toMatchObject({ appCode: "rate_limited" });
    expect(Number(last?.headers.get("retry-after"))).toBe(Math.ceil(error.data.retryAfterMs / 1000));
  });

  it("writes no link, code or password to the log", async () => {
    await using app = await testApp();
    const { code } = await app.owner.api.invites.create.mutate({ role: "member" });
    const ben = await app.person("Ben");
    const { url } = await app.owner.api.users.makeResetLink.mutate({ userId: ben.id });
    await post(app.device(), "auth.resetPassword", { token: "wrong", password: 5 }).then((r) =>
      r.body?.cancel()
    );
    const log = app.logs.join("\n");
    for (const secret of [code, url.split("#")[1] ?? url, OWNER_PASSWORD, ben.device.cookie ?? "sid"]) {
      expect(log).not.toContain(secret);
    }
  });
});

describe("what ends a session closes its connections", () => {
  it("signing out, revoking and changing the password with 4501, of that session only", async () => {
    await using app = await testApp();
    const ben = await app.person("Ben");
    const [phone, tablet] = [await signInAgain(app, ben), await signInAgain(app, ben)];
    const [here, onPhone, onTablet] = [
      await openSocket(ben.device),
      await openSocket(phone),
      await openSocket(tablet),
    ];
    await phone.client("http").auth.signOut.mutate();
    expect(await onPhone.closed).toBe(4501);
    const next = "eight red umbrellas";
    await ben.api.auth.changePassword.mutate({ current: ben.password ?? "", next });
    expect(await onTablet.closed).toBe(4501);
    expect(app.server.services.connections.count).toBe(1);
    const { sessionId } = await ben.api.auth.me.query() ?? {};
    await ben.api.auth.revokeSession.mutate({ sessionId: sessionId ?? "" });
    expect(await here.closed).toBe(4501);
  });

  it("a revoked token, too, and a deactivated account with 4502", async () => {
    await using app = await testApp();
    const ben = await app.person("Ben");
    const { id, token } = await ben.api.tokens.create.mutate({ label: "Program" });
    const program = app.device();
    program.token = token;
    const programClosed = await openSocket(program, { authorization: `Bearer ${token}` });
    expect(await program.client("http").auth.me.query()).toMatchObject({ name: "Ben", sessionId: null });
    await ben.api.tokens.revoke.mutate({ tokenId: id });
    expect(await programClosed.closed).toBe(4501);
    await expect(program.client("http").auth.sessions.query()).rejects.toMatchObject({
      data: { appCode: "unauthenticated", httpStatus: 401 },
    });
    const socket = await openSocket(ben.device);
    await app.owner.api.users.deactivate.mutate({ userId: ben.id });
    expect(await socket.closed).toBe(4502);
  });
});

describe("accounts on a file", () => {
  it("survive a restart, with their sessions", async () => {
    await using app = await testApp({ file: true });
    const ben = await app.person("Ben");
    await app.restart();
    expect(await ben.api.auth.me.query()).toEqual(ben.me);
    await signInAgain(app, ben);
    await expect(
      app.device().client("http").auth.setup.mutate({
        token: "x",
        name: "Eve",
        password: OWNER_PASSWORD,
      }),
    ).rejects.toMatchObject({ data: { appCode: "already_set_up" } });
  });
});
