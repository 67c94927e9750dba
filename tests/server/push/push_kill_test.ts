import { describe, expect, it } from "vitest";
import { TOLD_ELSEWHERE_AFTER_MS } from "../../../shared/notify/who_is_told.ts";
import type { Config } from "../../../server/config.ts";
import { PUSH_CONFIG } from "../../support/push_kit.ts";
import { PushService } from "../../support/push_service.ts";
import { Device } from "../../support/test_clients.ts";

const PROCESS = new URL("../../support/push_process.ts", import.meta.url).pathname;
const LONG = { timeout: 60_000 };
const PAGE = { pageOrigin: PUSH_CONFIG.publicUrl ?? "" };

/** A server in its own process. */
async function startProcess(config: Partial<Config>, service: PushService, clockAheadMs = 0) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", PROCESS, JSON.stringify(config), `${service.port}`, `${clockAheadMs}`],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error("The server ended");
    text += value;
  }
  const { port, token } = JSON.parse(text) as { port: number; token: string | null };
  let isGone = false;
  return {
    port,
    token,
    async [Symbol.asyncDispose]() {
      if (isGone) return;
      isGone = true;
      child.kill("SIGKILL");
      await child.status;
      await reader.cancel();
    },
  };
}

describe("a killed server", () => {
  it("sends after its start what was being sent, and what waited for being unread", async () => {
    await using opened = new AsyncDisposableStack();
    const service = opened.use(new PushService());
    const dataDir = await Deno.makeTempDir({ prefix: "parley-push-" });
    opened.defer(() => Deno.remove(dataDir, { recursive: true }));
    const config = { ...PUSH_CONFIG, dataDir };
    const first = opened.use(await startProcess(config, service));
    const device = (address: string) =>
      opened.use(new Device(`http://127.0.0.1:${first.port}`, address, PAGE)).client("http");
    const [ana, ben, cy] = [device("127.1.7.1"), device("127.1.7.2"), device("127.1.7.3")];
    await ana.auth.setup.mutate({ token: first.token ?? "", name: "Ana", password: "seven green bicycles" });
    const { code: invite } = await ana.invites.create.mutate({ role: "member", maxUses: 2 });
    for (const [api, name] of [[ben, "Ben"], [cy, "Cy"]] as const) {
      await api.auth.register.mutate({ invite, name, password: "nine blue kettles" });
      await api.push.subscribe.mutate({ subscription: await service.subscribe(name) });
    }
    const [room] = await ana.rooms.list.query();
    if (room === undefined) throw new Error("There is no room");
    // Cy's push is refused for now, and Ben uses another device.
    await ben.presence.set.mutate({ status: "online" });
    service.answerBy(() => new Response(null, { status: 503 }));
    await ana.messages.send.mutate({ roomId: room.id, clientMessageId: "m1", text: "Hello" });
    await expect.poll(() => service.asked, LONG).toEqual(["Cy"]);
    await first[Symbol.asyncDispose]();
    service.answerBy(() => new Response(null, { status: 201 }));
    opened.use(await startProcess(config, service, TOLD_ELSEWHERE_AFTER_MS));
    const bodies = () => ["Ben", "Cy"].map((name) => service.payloadsOf(name).map(({ body }) => body));
    await expect.poll(bodies, LONG).toEqual([["Hello"], ["Hello"]]);
    expect(service.asked.toSorted()).toEqual(["Ben", "Cy", "Cy"]);
  }, 120_000);
});
