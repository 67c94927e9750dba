import { describe, expect, it } from "vitest";
import type { UserId } from "../../../shared/ids.ts";
import { REPLAY_MAX_COUNT } from "../../../shared/limits.ts";
import { findMentions } from "../../../shared/mentions.ts";
import { foldName } from "../../../shared/names.ts";
import { parsePosition } from "../../../shared/position.ts";
import { toPublicText } from "../../../shared/status/public_text.ts";
import { previewMarkdown } from "../../../server/status/PublicMarkdown.tsx";
import { QUEUE_MAX_COUNT } from "../../../server/streams/queue_sink.ts";
import { PUBLIC_STREAM } from "../../../server/status/status_stream.ts";
import { NASTY_TEXTS } from "../../client/ui/nasty_texts.ts";
import { StatusKit } from "../../support/status_kit.ts";

describe("PublicFeed", () => {
  it("continues where a reader was, each event once, with what is true now", async () => {
    await using kit = await StatusKit.open();
    const { announcements, publicFeed } = kit.status;
    for (const text of ["one", "two", "three"]) {
      await announcements.announce({ text, level: "info" }, kit.ana);
    }
    const { epoch } = kit.services.roomLog;
    const since = (offset: number, life = epoch) => publicFeed.since({ epoch: life, offset });
    expect(since(1)?.map(({ offset, position }) => [offset, position])).toEqual([[2, `${epoch}.2`], [
      3,
      `${epoch}.3`,
    ]]);
    expect(since(3)).toEqual([]);
    expect([since(4), since(1, "other"), publicFeed.since(null)]).toEqual([null, null, null]);
    expect(parsePosition(publicFeed.snapshot().position ?? "")?.offset).toBe(3);
    await kit.stop();
    await kit.start();
    expect(kit.status.publicFeed.since({ epoch, offset: 0 })?.map(({ value }) => value)).toMatchObject(
      ["one", "two", "three"].map((text) => ({ announcement: { text } })),
    );
  });

  it("gives a snapshot to who is too far behind, and answers that from memory", async () => {
    await using kit = await StatusKit.open();
    const { publicFeed, board } = kit.status;
    const [component] = board.components();
    if (component === undefined) throw new Error("There is no component");
    for (let count = 0; count <= REPLAY_MAX_COUNT; count++) {
      await publicFeed.append({ type: "component", component });
    }
    const { epoch } = kit.services.roomLog;
    kit.db.isGone = true;
    expect(publicFeed.since({ epoch, offset: 0 })).toBeNull();
    expect(publicFeed.since({ epoch, offset: 1 })?.map(({ offset }) => offset)).toEqual([
      REPLAY_MAX_COUNT + 1,
    ]);
  });

  it("replays the last event about each thing, and makes it once for all readers until the next event", async () => {
    await using kit = await StatusKit.open();
    const { announcements, incidents, publicFeed } = kit.status;
    const { epoch } = kit.services.roomLog;
    const since = () => publicFeed.since({ epoch, offset: 0 }) ?? [];
    const first = await announcements.announce({ text: "one", level: "info" }, kit.ana);
    const incident = { title: "Slow", text: "We look.", components: [] };
    const id = await incidents.open(incident, kit.ana);
    for (const text of ["a", "b"]) await incidents.update({ id, state: "identified", text }, kit.ana);
    await announcements.retract(first, kit.ana);
    const items = since();
    expect(items.map(({ offset }) => offset)).toEqual([4, 5]);
    expect(items.map(({ value }) => value)).toMatchObject([
      { type: "incident", incident: { updates: [{ text: "b" }, { text: "a" }, { text: "We look." }] } },
      { type: "announcement", announcement: { id: first, retractedAt: expect.any(String) } },
    ]);
    const again = since();
    expect(again.every((item, index) => item === items[index])).toBe(true);
    await incidents.delete(id, kit.ana);
    expect(since().map(({ offset }) => offset)).toEqual([5, 6]);
    expect(since()[1]?.value).toMatchObject({ incident: { id, deletedAt: expect.any(String) } });
    kit.clock.now += 1_000;
    expect(since()[0]).not.toBe(items[1]);
  });

  it("goes on by positions once another instance has stored the true states", async () => {
    await using kit = await StatusKit.open();
    const { publicFeed, log, board } = kit.status;
    kit.db.isGone = true;
    await publicFeed.append({ type: "snapshot", status: board.current() });
    kit.db.isGone = false;
    expect(publicFeed.snapshot().position).toBeUndefined();
    const body = { type: "snapshot", status: board.current() } as const;
    await log.append(PUBLIC_STREAM, { by: kit.ana, build: () => ({ body }) });
    expect(publicFeed.snapshot().position).toBeDefined();
  });

  it("tells changes from memory while storage is gone, and stores the truth when it is back", async () => {
    await using kit = await StatusKit.open();
    const { status } = kit;
    kit.measure("operational");
    await status.tellChanges();
    const { head } = status.publicFeed;
    expect(head).toBe(5);
    kit.db.isGone = true;
    kit.measure("major_outage");
    await status.tellChanges();
    const snapshot = status.publicFeed.snapshot();
    expect(snapshot.position).toBeUndefined();
    // What memory holds now has no position, so nobody who missed something goes on by one.
    const { epoch } = kit.services.roomLog;
    expect(status.publicFeed.since({ epoch, offset: head - 1 })).toBeNull();
    expect(snapshot.value).toMatchObject({ status: { state: "major_outage" } });
    expect(status.board.current().sentence).toContain("are down");
    await status.publicFeed.catchUp();
    expect(status.publicFeed.head).toBe(head);
    const reasons = kit.logged.filter((line) => line.includes("Cannot store a change of the public status"));
    expect([reasons.length, reasons[0]]).toEqual([1, expect.stringContaining("Storage does not answer")]);

    kit.db.isGone = false;
    kit.measure("operational");
    await status.publicFeed.catchUp();
    await status.tellChanges();
    expect(kit.events[head]).toMatchObject({ type: "snapshot", status: { state: "operational" } });
    expect(status.publicFeed.snapshot().position).toBeDefined();
    const { rows } = await kit.services.status.log.read(PUBLIC_STREAM, 0, 100);
    expect(rows.map(({ offset }) => offset)).toEqual(rows.map((_, index) => index + 1));
  });

  it("tells readers once that a component is hidden, and that it is shown again", async () => {
    await using kit = await StatusKit.open();
    const { status } = kit;
    kit.measure("operational");
    await status.tellChanges();
    const hide = async (isHidden: boolean) => {
      await status.components.set("live", { isHidden }, kit.ana);
      await status.refresh();
    };
    kit.events = [];
    await hide(true);
    await status.tellChanges();
    await status.tellChanges();
    expect(kit.events).toMatchObject([{
      type: "snapshot",
      status: {
        components: [
          { id: "messages", position: 1 },
          { id: "events", position: 3 },
          { id: "storage", position: 4 },
          { id: "calls", position: 5 },
        ],
      },
    }]);
    await hide(false);
    await status.tellChanges();
    expect(kit.events.slice(1)).toMatchObject([{
      type: "component",
      component: { id: "live", position: 2 },
    }]);
  });

  it("tells readers of an instance that stores nothing that a component is hidden", async () => {
    await using kit = await StatusKit.open();
    const { status, services: { hub } } = kit;
    const told: unknown[] = [];
    hub.publish = (_topic, { value }) => void told.push(value);
    await status.components.set("live", { isHidden: true }, kit.ana);
    await status.refresh();
    status.tellRest();
    status.tellRest();
    expect(told).toMatchObject([{
      type: "snapshot",
      status: { components: [{ id: "messages" }, { id: "events" }, { id: "storage" }, { id: "calls" }] },
    }]);
  });

  it("begins anew with a snapshot for a subscription that took nothing while too much came", async () => {
    await using kit = await StatusKit.open();
    const { publicFeed, announcements, board } = kit.status;
    const aborter = new AbortController();
    const reader = publicFeed.follow({ after: null, connection: null, signal: aborter.signal });
    const next = async () => {
      const { value } = await reader.next();
      return Array.isArray(value) ? value[1] : value;
    };
    expect(await next()).toMatchObject({ type: "snapshot", status: { announcements: [] } });
    for (let count = 0; count <= QUEUE_MAX_COUNT; count++) {
      publicFeed.tell({ type: "metrics", metrics: board.metrics });
    }
    await announcements.announce({ text: "one", level: "info" }, kit.ana);
    expect(await next()).toMatchObject({ type: "snapshot", status: { announcements: [{ text: "one" }] } });
    await announcements.announce({ text: "two", level: "info" }, kit.ana);
    expect(await next()).toMatchObject({ type: "announcement", announcement: { text: "two" } });
    aborter.abort();
    expect((await reader.next()).done).toBe(true);
  });

  it("keeps no text in the log", async () => {
    await using kit = await StatusKit.open();
    await kit.status.announcements.announce({ text: "secret words", level: "info" }, kit.ana);
    const { rows } = await kit.status.log.read(PUBLIC_STREAM, 0, 100);
    expect(JSON.stringify(rows)).not.toContain("secret");
    expect(JSON.stringify(rows)).not.toContain(kit.ana);
  });
});

describe("public texts", () => {
  it("name nobody and no room", () => {
    const room = "AbCdEfGhIjKlMnOp";
    expect(toPublicText("Ask @Ben or mail ops@example.org")).toBe("Ask or mail ops@example.org");
    expect(toPublicText(`See [the thread](https://chat.example.org/r/${room}/12) now`)).toBe(
      "See the thread now",
    );
    expect(toPublicText(`At https://chat.example.org/r/${room}/12.`)).toBe("At .");
    expect(toPublicText(`</r/${room}> and https://example.org/road/x`)).toBe(
      "and https://example.org/road/x",
    );
    expect(toPublicText("@here")).toBe("");
    for (
      const link of [
        `HTTP://chat.example.org/r/${room}/3`,
        `www.chat.example.org/r/${room}`,
        `http://chat.example.org//r/${room}`,
        `/r/${room}?a=1`,
        `/r/${room}/3#x`,
      ]
    ) {
      expect(toPublicText(`See ${link} now`)).toBe("See now");
      expect(toPublicText(`See [it](<${link}>) now`)).toBe("See it now");
      expect(toPublicText(`See [it](${link} "title") now`)).toBe("See it now");
      expect(toPublicText(`Now\n\n[1]: ${link}`)).toBe("Now");
    }
  });

  it("leave out whole names, and no empty marks", () => {
    const known = new Map([["ada owner", "u1" as UserId], ["ada", "u2" as UserId]]);
    const people = (text: string) => findMentions(text, known, foldName);
    expect(toPublicText("@Ada Owner is on it, ask @ada or (@Ada Owner).", people)).toBe("is on it, ask or .");
    expect(toPublicText("**@Ada Owner** looks", people)).toBe("looks");
    const many = Array.from({ length: 60 }, (_, index) => `person ${index}`);
    const all = new Map(many.map((name) => [foldName(name), name as UserId]));
    expect(
      toPublicText(many.map((name) => `@${name}`).join(" "), (text) => findMentions(text, all, foldName)),
    ).toBe(
      "",
    );
  });

  it("are markup without any that strangers bring", () => {
    for (const text of NASTY_TEXTS) {
      const html = previewMarkdown(text);
      expect(html).not.toMatch(/<(?!\/?(?:p|strong|em|s|code|pre|a|ul|ol|li|br|hr|blockquote)\b)/);
      expect(html).not.toMatch(/<[^>]*\son\w+=/i);
      for (const [, href = ""] of html.matchAll(/href="([^"]*)"/g)) {
        expect(href).toMatch(/^(?:https?:|mailto:)/);
      }
    }
  });
});
