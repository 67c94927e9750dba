import { describe, expect, it } from "vitest";
import type { StatusId } from "../../../shared/ids.ts";
import { DAY_MS } from "../../../shared/status/uptime.ts";
import { RECENT_COUNT } from "../../../server/status/status_board.ts";
import { testApp } from "../../support/test_app.ts";
import type { TestApp } from "../../support/test_app.ts";
import { html, NOW } from "./page_kit.ts";

/** An incident that was over long ago, and as many newer ones as memory holds. */
async function oldIncident(app: TestApp, clock: { now: number }): Promise<StatusId> {
  const { incidents } = app.services.status;
  const { id: by } = app.owner;
  const resolve = async (title: string) => {
    const startedAt = new Date(clock.now).toISOString();
    const id = await incidents.open({ title, text: `${title} *text*`, components: [], startedAt }, by);
    await incidents.update({ id, state: "resolved", text: "Over." }, by);
    return id;
  };
  clock.now = NOW - 60 * DAY_MS;
  const old = await resolve("The old one");
  clock.now = NOW;
  for (let count = 0; count < RECENT_COUNT; count++) await resolve(`Later ${count}`);
  expect(app.services.status.board.find("incident", old)).toBeNull();
  return old;
}

async function statusOf(app: TestApp, path: string): Promise<number> {
  const response = await html(app, path);
  await response.body?.cancel();
  return response.status;
}

describe("an incident that memory no longer holds", () => {
  it("keeps its page, to which the history of its month leads", async () => {
    const clock = { now: NOW };
    await using app = await testApp({ now: () => clock.now });
    const id = await oldIncident(app, clock);
    const path = `/status/incidents/${id}`;
    const page = await (await html(app, path)).text();
    expect(page).toContain("The old one");
    expect(page).toContain("<em>text</em>");
    const history = await (await html(app, "/status/history")).text();
    expect(history).toContain("/status/history?month=2029-12");
    const month = await (await html(app, "/status/history?month=2029-12")).text();
    expect(month).toContain(`<a href="${path}" dir="auto">The old one</a>`);
    expect(month).toContain("2 December 2029");
    await app.services.status.incidents.update(
      { id, state: "postmortem", text: "It was a mouse." },
      app.owner.id,
    );
    await expect.poll(async () => await (await html(app, path)).text(), { timeout: 10_000 }).toContain(
      "mouse",
    );
    await app.services.status.incidents.delete(id, app.owner.id);
    await expect.poll(() => statusOf(app, path), { timeout: 10_000 }).toBe(404);
    expect(await (await html(app, "/status/history?month=2029-12")).text()).not.toContain("The old one");
  });

  it("is read once for everybody, and not while storage is away", async () => {
    const clock = { now: NOW };
    await using app = await testApp({ now: () => clock.now });
    const id = await oldIncident(app, clock);
    const { archive, publicFeed, incidents } = app.services.status;
    publicFeed.isStorageThere = false;
    const away = await html(app, `/status/incidents/${id}`);
    expect([away.status, away.headers.get("retry-after")]).toEqual([503, "5"]);
    expect([await away.text(), away.headers.get("cache-control")]).toEqual([
      "Storage does not answer\n",
      "no-store",
    ]);
    publicFeed.isStorageThere = true;
    const before = archive.items.readCount;
    const found = await Promise.all(
      Array.from({ length: 20 }, () => statusOf(app, `/status/incidents/${id}`)),
    );
    expect(new Set(found)).toEqual(new Set([200]));
    expect(archive.items.readCount - before).toBe(1);
    publicFeed.isStorageThere = false;
    expect(await statusOf(app, `/status/incidents/${id}`)).toBe(200);
    publicFeed.isStorageThere = true;
    const draft = await incidents.open(
      { title: "Not yet", text: "Secret.", components: [], isDraft: true },
      app.owner.id,
    );
    for (const unknown of [draft, "AAAAAAAAAAAAAAAA", "none", "x".repeat(2_000)]) {
      expect([unknown, await statusOf(app, `/status/incidents/${unknown}`)]).toEqual([unknown, 404]);
    }
  });

  it("is not said to be none while its month cannot be read", async () => {
    const clock = { now: NOW };
    await using app = await testApp({ now: () => clock.now });
    await oldIncident(app, clock);
    const { archive, publicFeed, reader } = app.services.status;
    const month = async (language = "en") => {
      const response = await html(app, "/status/history?month=2029-12", { "accept-language": language });
      return {
        status: response.status,
        kept: response.headers.get("cache-control"),
        text: await response.text(),
      };
    };
    const missing = { status: 200, kept: "no-store" };
    publicFeed.isStorageThere = false;
    const away = await month();
    expect(away).toMatchObject(missing);
    expect(away.text).toContain("Older entries cannot be read right now.");
    expect(away.text).not.toContain("There was none.");
    expect((await month("de")).text).toContain("Ältere Einträge können gerade nicht gelesen werden.");
    publicFeed.isStorageThere = true;
    // Strangers read all that may be read at a time.
    const { promise, resolve } = Promise.withResolvers<null>();
    const item = reader.item.bind(reader);
    reader.item = () => promise;
    const asked = Array.from({ length: 8 }, (_, index) => archive.item(String(index).padStart(16, "A")));
    expect(await month()).toMatchObject(missing);
    resolve(null);
    await Promise.all(asked);
    reader.item = item;
    // With storage, at once: nothing kept what was missing.
    const back = await month();
    expect(back.text).toContain("The old one");
    expect(back).toMatchObject({ status: 200, kept: "max-age=10, stale-if-error=86400" });
  });

  it("is joined in its month by what is told of that month later", async () => {
    const clock = { now: NOW };
    await using app = await testApp({ now: () => clock.now });
    await oldIncident(app, clock);
    const { archive, incidents } = app.services.status;
    expect(await archive.month("2029-12")).toHaveLength(1);
    const startedAt = new Date(NOW - 59 * DAY_MS).toISOString();
    await incidents.open({ title: "Another", text: "Late.", components: [], startedAt }, app.owner.id);
    await expect.poll(() => archive.month("2029-12"), { timeout: 10_000 }).toHaveLength(2);
  });

  it("leads the history back no further once it is deleted", async () => {
    const clock = { now: NOW };
    await using app = await testApp({ now: () => clock.now });
    const id = await oldIncident(app, clock);
    const { archive, incidents } = app.services.status;
    expect(archive.oldestAt).toBe(new Date(NOW - 60 * DAY_MS).toISOString());
    await incidents.delete(id, app.owner.id);
    await expect.poll(() => archive.oldestAt, { timeout: 10_000 }).toBe(new Date(NOW).toISOString());
    expect(await (await html(app, "/status/history")).text()).not.toContain("month=2029-12");
  });

  it("is read for a few strangers at a time", async () => {
    await using app = await testApp();
    const { archive } = app.services.status;
    const asked = Array.from({ length: 30 }, (_, index) => archive.item(String(index).padStart(16, "A")));
    const refused = (await Promise.allSettled(asked)).filter(({ status }) => status === "rejected");
    expect(refused.length).toBe(22);
    expect(await archive.item("A".repeat(16))).toBeNull();
  });
});
