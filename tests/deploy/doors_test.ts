import { describe, expect, it } from "vitest";
import { TRPCClientError } from "@trpc/client";
import { FRAME_MAX_BYTES, HTTP_BODY_MAX_BYTES } from "../../shared/limits.ts";
import { hasDenokv } from "../support/denokv.ts";
import { hasProxies, PROXIES } from "../support/proxies.ts";
import type { Person } from "../support/test_app.ts";
import { Device } from "../support/test_clients.ts";
import { waitFor } from "../support/wait.ts";
import { Deployment } from "./deployment.ts";

const isPossible = await hasDenokv() && await hasProxies();

/** Sends a different forged address with each request. */
class ForgingDevice extends Device {
  #count = 0;

  override headers(): Record<string, string> {
    const address = `203.0.113.${++this.#count % 256}`;
    return {
      ...super.headers(),
      "x-forwarded-for": address,
      "x-real-ip": address,
      "forwarded": `for=${address}`,
    };
  }
}

function forging(deployment: Deployment, person: Person | null): ForgingDevice {
  const address = person?.device.address ?? deployment.pair.app.device().address;
  const device = new ForgingDevice(deployment.origin, address, { caCert: deployment.certificate.pem });
  return deployment.track(device, person);
}

async function failureOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(() => null, (reason) => reason);
  return error instanceof TRPCClientError ? error.data?.appCode ?? error.message : String(error);
}

describe.skipIf(!isPossible).each(PROXIES)("the doors behind %s", (name) => {
  it("PROXY10 count attempts by the real address, whatever the client claims", async () => {
    await using deployment = await Deployment.start(name);
    const forger = forging(deployment, null).client("http");
    const preview = (client: typeof forger) =>
      failureOf(client.invites.preview.query({ invite: "AAAAAAAAAAAAAAAAAAAAAA" }));
    const codes: string[] = [];
    // Each of the two instances may count separately.
    while (codes.length < 25 && codes.at(-1) !== "rate_limited") codes.push(await preview(forger));
    expect([codes[0], codes.at(-1)]).toEqual(["invite_invalid", "rate_limited"]);
    const other = deployment.device().client("http");
    expect([await preview(other), await preview(other)]).toEqual(["invite_invalid", "invite_invalid"]);
  });

  it("PROXY11 pass on the address of a WebSocket, and hide the metrics from outside", async () => {
    await using deployment = await Deployment.start(name);
    const { app, b } = deployment.pair;
    const device = forging(deployment, app.owner);
    for (let index = 0; index < 2; index++) device.dial();
    const all = () => [app.services, b.services].flatMap(({ connections }) => connections.all());
    await waitFor(() => all().length === 2);
    expect(all().map(({ subject }) => subject)).toEqual([device.address, device.address]);
    const answer = await device.fetch("/metrics");
    await answer.body?.cancel();
    expect(answer.status).toBe(404);
  });

  it("PROXY12 set a cookie for https only and all security headers, and redirect http", async () => {
    await using deployment = await Deployment.start(name);
    const { owner } = deployment.pair.app;
    const device = deployment.device();
    const answer = await device.fetch("/trpc/auth.signIn", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: "Ana", password: owner.password }),
    });
    expect([answer.status, (await answer.json()).result.data.id]).toEqual([200, owner.id]);
    expect(answer.headers.get("set-cookie")).toMatch(
      /^__Host-sid=[\w-]+; Max-Age=\d+; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
    expect((await device.client("http").auth.me.query())?.id).toBe(owner.id);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "strict-transport-security": "max-age=31536000",
      "content-security-policy": expect.stringContaining("default-src 'none'"),
      "cross-origin-opener-policy": "same-origin",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
    });
    // nginx always sends the header, but without a version.
    expect(answer.headers.get("server") ?? "nginx").toBe("nginx");
    const plain = await fetch(`${deployment.httpOrigin}/r/abc/1?a=b`, { redirect: "manual" });
    await plain.body?.cancel();
    expect([plain.status, plain.headers.get("location")]).toEqual([301, `${deployment.origin}/r/abc/1?a=b`]);
  });

  it("PROXY13 leave checks of bodies, headers and frames to the instances", async () => {
    await using deployment = await Deployment.start(name);
    const { owner } = deployment.pair.app;
    const device = deployment.device(owner);
    const post = async (sizeBytes: number) => {
      const body = JSON.stringify({ name: "x".repeat(sizeBytes - '{"name":""}'.length) });
      const headers = { "content-type": "application/json" };
      const answer = await device.fetch("/trpc/users.rename", { method: "POST", headers, body });
      return [answer.status, (await answer.json()).error.data.appCode];
    };
    expect(await post(HTTP_BODY_MAX_BYTES)).toEqual([400, "invalid_input"]);
    expect(await post(HTTP_BODY_MAX_BYTES + 1)).toEqual([413, "too_large"]);
    const get = async (sizeBytes: number) => {
      const answer = await device.fetch(`/healthz?padding=${"x".repeat(sizeBytes)}`);
      await answer.body?.cancel();
      return answer.status;
    };
    expect([await get(14_000), await get(20_000)]).toEqual([200, 431]);
    const socket = device.dial();
    const closed = Promise.withResolvers<number>();
    socket.on("close", closed.resolve);
    socket.on("open", () => socket.send("x".repeat(FRAME_MAX_BYTES + 1)));
    expect(await closed.promise).toBe(1009);
  });
});
