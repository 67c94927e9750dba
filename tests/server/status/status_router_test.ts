import { describe, expect, it } from "vitest";
import { keys } from "../../../server/kv/keys.ts";
import { STATUS_CHANGE_RATE, STATUS_PREVIEW_RATE, STATUS_TEXT_RATE } from "../../../shared/limits.ts";
import { testApp } from "../../support/test_app.ts";
import type { Client, Transport } from "../../support/test_clients.ts";

const MORE_COUNT = 20;
const ID = "AbCdEfGhIjKlMnOp";
const TOO_LONG = { text: "x".repeat(2_001) };

type Status = Client["status"];

/** Refused calls by the rate that they count for. */
const LIMITED = {
  changes: { rate: STATUS_CHANGE_RATE, ask: (status: Status) => status.retract.mutate({ id: ID }) },
  texts: {
    rate: STATUS_TEXT_RATE,
    ask: (status: Status) => status.announce.mutate({ ...TOO_LONG, level: "info" }),
  },
  previews: { rate: STATUS_PREVIEW_RATE, ask: (status: Status) => status.preview.query(TOO_LONG) },
} as const;

describe("status", () => {
  it.each(["ws", "sse"] satisfies Transport[])(
    "tells people without an account what happens, and goes on where they were, over %s",
    async (transport) => {
      await using app = await testApp();
      const { status } = app.owner.api;
      const stranger = app.device().client(transport);
      expect(await stranger.status.current.query()).toMatchObject({ state: "unknown", incidents: [] });
      const heard: unknown[] = [];
      let position = "";
      const subscription = stranger.status.onChange.subscribe(undefined, {
        onData: (item) => {
          if (!("data" in item)) return;
          position = item.id;
          heard.push(item.data.type);
        },
      });
      await expect.poll(() => heard).toEqual(["snapshot"]);
      const { id } = await status.openIncident.mutate({
        title: "Calls fail",
        text: "We look.",
        components: [],
      });
      await status.updateIncident.mutate({ id, state: "identified", text: "Found." });
      await expect.poll(() => heard).toEqual(["snapshot", "incident", "incident"]);
      subscription.unsubscribe();
      await status.deleteIncident.mutate({ id });
      await status.announce.mutate({ text: "Hello", level: "info" });
      const later: unknown[] = [];
      const again = stranger.status.onChange.subscribe({ lastEventId: position }, {
        onData: (item) => void later.push("data" in item ? item.data : item),
      });
      await expect.poll(() => later).toMatchObject([
        { type: "incident", incident: { id, deletedAt: expect.any(String) } },
        { type: "announcement", announcement: { text: "Hello" } },
      ]);
      again.unsubscribe();
    },
  );

  it("shows what strangers will see before anybody does", async () => {
    await using app = await testApp();
    await app.person("Ana Lovelace");
    const { status } = app.owner.api;
    const text = "Ask @Ana Lovelace in https://chat.example.org/r/AbCdEfGhIjKlMnOp *now*";
    const { html } = await status.preview.query({ text });
    expect(html).toBe('<p dir="auto">Ask in <em>now</em></p>');
    expect(await status.preview.query({ title: "T @ana lovelace \u202ex" })).toEqual({
      html: "",
      title: "T x",
    });
    expect(await status.preview.query({ title: "@Ana Lovelace", text: "Hm" })).toMatchObject({ title: "" });
    const { id } = await status.openIncident.mutate({
      title: "T @ana lovelace",
      text,
      components: [],
      draft: true,
    });
    expect(await status.drafts.query()).toMatchObject([{ id, title: "T", updates: [{ html }] }]);
    expect((await status.current.query()).incidents).toEqual([]);
    await status.publish.mutate({ id });
    expect((await status.current.query()).incidents).toMatchObject([{ id, updates: [{ html }] }]);
  });

  it("names, groups and hides components as owners want", async () => {
    await using app = await testApp();
    const { status } = app.owner.api;
    await status.setComponent.mutate({ id: "live", name: "Apps", group: "Outside", position: 0 });
    await status.setComponent.mutate({ id: "events", hidden: true });
    const { components } = await status.current.query();
    expect(components.map(({ id, name, group }) => [id, name, group])).toEqual([
      ["live", "Apps", "Outside"],
      ["messages", "Messages", null],
      ["storage", "Storage", null],
      ["calls", "Calls", null],
    ]);
    const { components: all } = await status.settings.query();
    expect(all.map(({ id, name, hidden }) => [id, name, hidden])).toEqual([
      ["live", "Apps", false],
      ["messages", "Messages", false],
      ["events", "Status feed", true],
      ["storage", "Storage", false],
      ["calls", "Calls", false],
    ]);
    await status.setComponent.mutate({ id: "live", name: "" });
    expect((await status.current.query()).components[0]).toMatchObject({
      name: "Live connection",
      group: "Outside",
    });
    await expect(status.setComponent.mutate({ id: "tea", name: "Tea" })).rejects.toMatchObject({
      data: { appCode: "invalid_input" },
    });
  });

  it("takes mentions and links to rooms out of what components are called", async () => {
    await using app = await testApp();
    await app.person("Ana Lovelace");
    const { status } = app.owner.api;
    const link = `https://chat.example.org/r/${ID}/3`;
    await status.setComponent.mutate({
      id: "live",
      name: "Apps @Ana Lovelace",
      description: `Ask @ana lovelace or see ${link}`,
      group: `See /r/${ID}`,
    });
    const shown = { name: "Apps", description: "Ask or see", group: "See" };
    const live = async () => (await status.current.query()).components.find(({ id }) => id === "live");
    expect(await live()).toMatchObject(shown);
    expect((await status.settings.query()).components).toContainEqual(expect.objectContaining(shown));
    for (const field of ["name", "description", "group"] as const) {
      await expect(status.setComponent.mutate({ id: "live", [field]: "@Ana Lovelace" })).rejects
        .toMatchObject({
          data: { appCode: "invalid_input" },
          message: `${field}: Must say something besides names and links to rooms`,
        });
    }
    expect(await live()).toMatchObject(shown);
    // As an earlier release stored it.
    const stored = { name: `/r/${ID}`, description: `Ask @Ana or see ${link}` };
    await app.services.db.commit({ sets: [[keys.statusComponent("live"), stored]] });
    await app.services.status.refresh();
    expect(await live()).toMatchObject({ name: "Live connection", description: "Ask or see" });
  });

  it("lists incidents that are over, for a post-mortem", async () => {
    await using app = await testApp();
    const { status } = app.owner.api;
    const open = { text: "We look.", components: [] };
    const { id } = await status.openIncident.mutate({ ...open, title: "Over" });
    await status.openIncident.mutate({ ...open, title: "Open" });
    await status.updateIncident.mutate({ id, state: "resolved", text: "Done." });
    expect((await status.settings.query()).closedIncidents).toMatchObject([{ id, state: "resolved" }]);
    await status.updateIncident.mutate({ id, state: "postmortem", text: "Why it happened." });
    expect((await status.settings.query()).closedIncidents).toMatchObject([{ id, state: "postmortem" }]);
  });

  it.each(Object.entries(LIMITED))("takes only so many of %s by one person", async (_, { rate, ask }) => {
    await using app = await testApp();
    const { status } = app.owner.api;
    const codes: unknown[] = [];
    for (let count = 0; count < rate.burst + MORE_COUNT && codes.at(-1) !== "rate_limited"; count++) {
      const { data } = await ask(status).then(() => ({ data: null }), (error) => error);
      codes.push(data?.appCode);
    }
    // A token may have come meanwhile.
    expect(codes.length).toBeGreaterThan(rate.burst);
    // Whatever is wrong with a request, its text first of all, is found only while the rate allows it.
    expect(codes.slice(0, rate.burst)).toEqual(codes.slice(0, rate.burst).fill(codes[0]));
    expect(["not_found", "invalid_input"]).toContain(codes[0]);
    expect(codes.at(-1)).toBe("rate_limited");
  });
});
