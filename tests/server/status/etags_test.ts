import { describe, expect, it } from "vitest";
import type { Answer } from "../../../server/status/answer.ts";
import type { ComponentSettings } from "../../../server/status/component_store.ts";
import { StatusAnswers } from "../../../server/status/status_answers.ts";
import { StatusKit } from "../../support/status_kit.ts";
import { testApp } from "../../support/test_app.ts";
import { html } from "./page_kit.ts";

/** After this time, changes that no event tells are seen. */
const LOOK_MS = 1_000;
/** After this time, everything is made anew. */
const FRESH_MS = 10_000;

/** Returns a function that gives answers by name, all by default, as a visitor gets them at that moment. */
function answersOf({ status, clock }: StatusKit): (names?: readonly string[]) => Map<string, Answer | null> {
  const answers = new StatusAnswers({
    ...status,
    publicUrl: () => "https://chat.example.org",
    scriptPath: () => null,
    mirrorUrl: null,
    now: () => clock.now,
  });
  const makers = new Map<string, () => Answer | null>([
    ["page", () => answers.page("en")],
    ["text", () => answers.text()],
    ["markdown", () => answers.markdown()],
    ["summary", () => answers.json("summary.json")],
    ["status", () => answers.json("status.json")],
    ["badge", () => answers.badge(null)],
    ["feed", () => answers.feed("atom", null)],
    ["calendar", () => answers.calendar()],
  ]);
  return (names = [...makers.keys()]) => new Map(names.map((name) => [name, makers.get(name)?.() ?? null]));
}

describe("ETags of the public status", () => {
  it("differ whenever what they stand for does, even if no event tells of the change", async () => {
    await using kit = await StatusKit.open();
    const { status: { board, announcements, incidents }, clock, ana } = kit;
    const look = answersOf(kit);
    const expiresAt = new Date(clock.now + 5_000).toISOString();
    const { now: at } = clock;
    const set = (settings: ComponentSettings) => board.setSettings(new Map([["live", settings]]));
    const open = { title: "Trouble", text: "We look.", components: [] };
    const changes: Record<string, () => unknown> = {
      "a line is announced": () => announcements.announce({ text: "Soon", level: "info", expiresAt }, ana),
      "it expires": () => clock.now += 5_000,
      "all is measured": () => kit.measure("operational"),
      "a component fails": () => board.measure("live", { state: "major_outage", at }),
      "it works again": () => board.measure("live", { state: "operational", at }),
      "it is renamed": () => set({ name: "Other" }),
      "it is hidden": () => set({ isHidden: true }),
      "the workspace is renamed": () => board.name = "Other",
      "days are counted": () => board.setDays("storage", new Map([["2030-01-30", { major_outage: 60_000 }]])),
      "figures change": () => board.figures.setDelivered({ p50: 5, p95: 9 }, clock.now),
      "an incident opens": () => incidents.open(open, ana),
      "time passes": () => clock.now += FRESH_MS,
    };
    const seen = new Map<string, string>();
    let before = look();
    for (const [change, make] of Object.entries(changes)) {
      await make();
      clock.now += LOOK_MS;
      const after = look();
      expect([change, text(after.get("page")?.body)]).not.toEqual([change, text(before.get("page")?.body)]);
      for (const [name, answer] of after) {
        const body = text(answer?.body);
        const key = `${name} ${answer?.etag}`;
        expect([change, name, seen.get(key) ?? body]).toEqual([change, name, body]);
        seen.set(key, body);
      }
      before = after;
    }
  });

  it("of a page that was well are not confirmed once something fails, with storage away too", async () => {
    await using kit = await StatusKit.open();
    const { status: { board, publicFeed }, clock } = kit;
    kit.measure("operational");
    const { now: at } = clock;
    const look = answersOf(kit);
    const wasWell = look();
    const expectTold = (names: readonly string[]) => {
      const after = look(names);
      for (const name of names) {
        expect([name, text(after.get(name)?.body)]).not.toEqual([name, text(wasWell.get(name)?.body)]);
        expect([name, after.get(name)?.etag]).not.toEqual([name, wasWell.get(name)?.etag]);
      }
      expect(text(after.get("page")?.body)).not.toContain("All systems operational");
    };
    expect(text(wasWell.get("page")?.body)).toContain("All systems operational");
    const { head } = publicFeed;
    kit.db.isGone = true;
    // What was made is too old, and the page is the first to be made after the failure.
    clock.now += FRESH_MS;
    look(["text"]);
    board.measure("storage", { state: "major_outage", at });
    expectTold(["page", "badge", "summary"]);
    board.measure("storage", { state: "operational", at });
    clock.now += FRESH_MS;
    expect(text(look().get("page")?.body)).toContain("All systems operational");
    // Everything is made, and the failure is all that changes.
    board.measure("storage", { state: "major_outage", at });
    clock.now += LOOK_MS;
    expectTold(["page", "text", "markdown", "badge", "summary", "status"]);
    expect(publicFeed.head).toBe(head);
  });

  it("are not confirmed when an announcement has expired", async () => {
    const clock = { now: Date.parse("2030-01-31T12:00:10.000Z") };
    await using app = await testApp({ now: () => clock.now });
    const expiresAt = new Date(clock.now + 5_000).toISOString();
    await app.services.status.announcements.announce(
      { text: "Soon over", level: "info", expiresAt },
      app.owner.id,
    );
    const first = await html(app);
    expect(await first.text()).toContain("Soon over");
    clock.now += 6_000;
    const again = await html(app, "/status", { "if-none-match": first.headers.get("etag") ?? "" });
    expect([again.status, (await again.text()).includes("Soon over")]).toEqual([200, false]);
  });
});

describe("StatusAnswers", () => {
  it("keeps what was made last when there is too much to keep", async () => {
    await using kit = await StatusKit.open();
    const { status, clock } = kit;
    await status.incidents.open({ title: "Trouble", text: "We look.", components: [] }, kit.ana);
    const [incident] = status.board.incidents();
    if (incident === undefined) throw new Error("There is no incident");
    const archive = Object.create(status.archive, {
      item: { value: (id: string) => Promise.resolve({ ...incident, id }) },
    });
    const answers = new StatusAnswers({
      ...status,
      archive,
      publicUrl: () => "https://chat.example.org",
      scriptPath: () => null,
      mirrorUrl: null,
      now: () => clock.now,
    });
    const first = await answers.item("0", "en");
    expect(await answers.item("0", "en")).toBe(first);
    for (let index = 1; index <= 1_000; index++) await answers.item(String(index), "en");
    expect(await answers.item("1000", "en")).toBe(await answers.item("1000", "en"));
    expect(await answers.item("0", "en")).not.toBe(first);
  });
});

function text(body: Uint8Array | undefined): string {
  return new TextDecoder().decode(body);
}
