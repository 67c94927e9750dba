import { describe, expect, it } from "vitest";
import { FakeClock, findFaketime } from "../../chaos/fake_clock.ts";
import { startServerProcess } from "../../support/server_process.ts";
import { temporaryFolder } from "../../support/temporary_folder.ts";

const FIVE_MINUTES_S = 300;
const library = await findFaketime();

async function messagesLine(url: string): Promise<string> {
  const text = await (await fetch(`${url}/status`, { headers: { accept: "text/plain" } })).text();
  return /^Messages .*$/m.exec(text)?.[0] ?? text;
}

describe.skipIf(library === null)("five minutes without the server", () => {
  for (
    const [way, told] of [["killed", /Unknown \(0\.00 % in 90 days\)/], ["stopped", /Unknown$/]] as const
  ) {
    it(`are ${way === "killed" ? "an outage" : "no outage"} when it was ${way}`, async () => {
      await using folder = await temporaryFolder();
      const clock = await FakeClock.create(library ?? "", `${folder.path}/clock`);
      const options = { dataDir: `${folder.path}/data`, env: clock.env };
      const before = await startServerProcess(options);
      expect(await messagesLine(before.url)).toMatch(/Unknown$/);
      if (way === "killed") await before.kill();
      else expect(await before.stop()).toBe(0);
      await clock.set(FIVE_MINUTES_S);
      await using after = await startServerProcess(options);
      expect(await messagesLine(after.url)).toMatch(told);
    }, 60_000);
  }
});
