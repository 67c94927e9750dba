import { describe, expect, it } from "vitest";
import { testApp } from "../../support/test_app.ts";
import type { TestApp } from "../../support/test_app.ts";

function folderOf(app: TestApp): string {
  return `${app.services.config.dataDir}/status`;
}

async function rounds(app: TestApp, clock: { now: number }, count: number): Promise<void> {
  for (let round = 0; round < count; round++) {
    clock.now += 20_000;
    await app.server.monitor.tick();
  }
}

async function summary(app: TestApp) {
  return JSON.parse(await Deno.readTextFile(`${folderOf(app)}/api/v2/summary.json`));
}

describe("the copy in the data folder", () => {
  it("says what was known and nothing of now, and is never green", async () => {
    const clock = { now: Date.parse("2030-01-31T12:00:00.000Z") };
    await using app = await testApp({ file: true, now: () => clock.now });
    await rounds(app, clock, 2);
    const page = await Deno.readTextFile(`${folderOf(app)}/index.html`);
    expect(page).toContain("<title>The current state is unknown · Parley status</title>");
    expect(page).toContain("Last known state, 31 Jan 2030, 12:00 UTC: All systems operational.");
    expect(page).not.toMatch(/"verdict operational"|"part operational"/);
    expect(/<link rel="icon" href="([^"]*)"/.exec(page)?.[1]).not.toContain("157a4c");
    const { status, components, page: { updated_at: at } } = await summary(app);
    expect(status).toMatchObject({ indicator: "minor", x_status: "unknown" });
    expect(components.map((one: { x_status: string }) => one.x_status)).toEqual(Array(5).fill("unknown"));
    expect(at).toBe("2030-01-31T12:00:40.000Z");
    expect(await Deno.readTextFile(`${folderOf(app)}/badge.svg`)).toContain("status: unknown");
  });

  it("is as unknown to machines when the last state was an outage", async () => {
    const clock = { now: Date.parse("2030-01-31T12:00:00.000Z") };
    await using app = await testApp({ file: true, now: () => clock.now });
    await rounds(app, clock, 2);
    const components = [{ id: "messages", status: "major_outage" }] as const;
    await app.services.status.incidents.open({ title: "Down", text: "Down.", components }, app.owner.id);
    await rounds(app, clock, 1);
    const unknown = { indicator: "minor", description: "Minor Service Outage", x_status: "unknown" };
    expect((await summary(app)).status).toMatchObject(unknown);
  });

  it("is written when something changes, and otherwise once a minute", async () => {
    const clock = { now: Date.parse("2030-01-31T12:00:00.000Z") };
    await using app = await testApp({ file: true, now: () => clock.now });
    await rounds(app, clock, 2);
    const asOf = async () => (await summary(app)).page.updated_at;
    await rounds(app, clock, 2);
    expect(await asOf()).toBe("2030-01-31T12:00:40.000Z");
    await rounds(app, clock, 1);
    expect(await asOf()).toBe("2030-01-31T12:01:40.000Z");
    await app.owner.api.status.openIncident.mutate({
      title: "Calls <i>fail</i>",
      text: "We look.",
      components: [],
    });
    await rounds(app, clock, 1);
    expect(await asOf()).toBe("2030-01-31T12:02:00.000Z");
    const page = await Deno.readTextFile(`${folderOf(app)}/index.html`);
    expect(page).toContain("Calls &lt;i>fail&lt;/i>");
    await app.owner.api.status.announce.mutate({ text: "Use the phone", level: "info" });
    await rounds(app, clock, 1);
    expect(await Deno.readTextFile(`${folderOf(app)}/index.html`)).toContain("Use the phone");
    for await (const { name } of Deno.readDir(folderOf(app))) expect(name).not.toContain(".new");
  });

  it("can be read by others whatever our umask is, while the data folder stays closed", async () => {
    const before = Deno.umask(0o077);
    try {
      const clock = { now: Date.now() };
      await using app = await testApp({ file: true, now: () => clock.now });
      await rounds(app, clock, 1);
      const mode = async (path: string) => ((await Deno.stat(path)).mode ?? 0) & 0o777;
      expect(await mode(app.services.config.dataDir)).toBe(0o700);
      for (const path of ["", "/api", "/api/v2", "/api/v2/incidents"]) {
        expect(await mode(`${folderOf(app)}${path}`), path).toBe(0o755);
      }
      for (const path of ["index.html", "badge.svg", "api/v2/incidents/unresolved.json"]) {
        expect(await mode(`${folderOf(app)}/${path}`), path).toBe(0o644);
      }
    } finally {
      Deno.umask(before);
    }
  });

  it("is not missed where it cannot be written", async () => {
    const clock = { now: Date.now() };
    await using app = await testApp({ file: true, now: () => clock.now });
    await Deno.writeTextFile(folderOf(app), "in the way");
    await rounds(app, clock, 3);
    expect(app.logs.filter((line) => line.includes("Cannot write the copy"))).toHaveLength(1);
    expect(app.services.status.board.current().state).toBe("operational");
  });
});
