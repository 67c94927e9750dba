import { describe, expect, it } from "vitest";
import { STATUS_CHANGE_RATE } from "../../../shared/limits.ts";
import { testApp } from "../../support/test_app.ts";
import type { Transport } from "../../support/test_clients.ts";

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
    ]);
    const { components: all } = await status.settings.query();
    expect(all.map(({ id, name, hidden }) => [id, name, hidden])).toEqual([
      ["live", "Apps", false],
      ["messages", "Messages", false],
      ["events", "Status feed", true],
      ["storage", "Storage", false],
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

  it("takes only so many changes of one person", async () => {
    await using app = await testApp();
    const { status } = app.owner.api;
    const codes: unknown[] = [];
    for (let count = 0; count <= STATUS_CHANGE_RATE.burst; count++) {
      const { data } = await status.retract.mutate({ id: "AbCdEfGhIjKlMnOp" }).then(
        () => ({ data: null }),
        (error) => error,
      );
      codes.push(data?.appCode);
    }
    expect(codes.at(0)).toBe("not_found");
    expect(codes.at(-1)).toBe("rate_limited");
  });
});
