import { describe, expect, it } from "vitest";
import { SEND_RATE } from "../../../shared/limits.ts";
import { AccountKit, failureCode } from "../../support/account_kit.ts";
import { RawClient } from "../../support/raw_client.ts";
import { testApp } from "../../support/test_app.ts";

describe("limits of a bot", () => {
  it("are shared with its maker: what one sends counts for both", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const ben = await kit.member(owner, "Ben");
    const roomId = await kit.room(ben, "Plans");
    const bots = [];
    for (const name of ["Robo", "Beep"]) {
      const { token } = await ben.api.tokens.create({ label: "Program", bot: { name } });
      const browser = Object.assign(kit.browser(), { bearer: token });
      const me = await browser.api.auth.me();
      if (me === null) throw new Error("The bot must be signed in");
      await ben.api.rooms.addMember({ roomId, userId: me.id });
      bots.push(browser);
    }
    const senders = [ben.browser, ...bots];
    const send = (index: number) => {
      const sender = senders[index % senders.length] ?? ben.browser;
      return failureCode(sender.api.messages.send({ roomId, clientMessageId: `m${index}`, text: "Hi" }));
    };
    for (let index = 0; index < SEND_RATE.burst; index++) expect(await send(index)).toBeUndefined();
    for (let index = 0; index < senders.length; index++) expect(await send(100 + index)).toBe("rate_limited");
    expect(await failureCode(owner.api.rooms.join({ roomId }))).toBeUndefined();
    const sent = owner.api.messages.send({ roomId, clientMessageId: "m", text: "Hi" });
    expect(await failureCode(sent)).toBeUndefined();
  });

  it("give a maker and their bots ten sockets together", async () => {
    await using app = await testApp();
    const { token } = await app.owner.api.tokens.create.mutate({ label: "Program", bot: { name: "Robo" } });
    const dial = async (headers: Record<string, string>) => {
      const client = await RawClient.dial(app.port, app.owner.device.address);
      await client.upgrade({ Origin: app.url, ...headers });
      return client;
    };
    const asOwner = { Cookie: app.owner.device.cookie ?? "" };
    const asBot = { Authorization: `Bearer ${token}` };
    await using clients = new AsyncDisposableStack();
    for (let index = 0; index < 10; index++) {
      const client = clients.use(await dial(index % 2 === 0 ? asOwner : asBot));
      expect(client.status).toBe(101);
    }
    for (const headers of [asOwner, asBot]) {
      expect(clients.use(await dial(headers)).status).toBe(429);
    }
  });
});
