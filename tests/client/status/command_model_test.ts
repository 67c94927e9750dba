import { signal } from "@preact/signals";
import { describe, expect, it } from "vitest";
import { CommandModel } from "../../../client/status/command_model.ts";
import type { CommandOptions } from "../../../client/status/command_model.ts";
import { AppError } from "../../../shared/errors.ts";
import type { RoomId } from "../../../shared/ids.ts";
import { waitFor } from "../../support/wait.ts";
import type { Status } from "../../../shared/status/status.ts";

const STATUS = {
  components: [{ id: "calls", name: "Calls" }],
  incidents: [{ id: "i1", title: "Calls fail", state: "investigating" }],
  maintenances: [],
} as unknown as Status;
const OPEN = '/incident open "Calls fail" component:calls impact:minor';

function setup({ isManager = true, refusal = null as Error | null, roomId = null as RoomId | null } = {}) {
  const asked: unknown[] = [];
  const call = (name: string) => ({
    mutate: (input: unknown) => {
      asked.push([name, input]);
      return refusal === null ? Promise.resolve({ id: "new" }) : Promise.reject(refusal);
    },
  });
  const names = ["openIncident", "updateIncident", "announce", "planMaintenance", "updateMaintenance"];
  const done: string[] = [];
  const previews: { given: unknown; answer: PromiseWithResolvers<{ html: string }> }[] = [];
  const query = (given: unknown) => {
    const answer = Promise.withResolvers<{ html: string }>();
    previews.push({ given, answer });
    return answer.promise;
  };
  const model = new CommandModel({
    api: {
      ...Object.fromEntries(names.map((name) => [name, call(name)])),
      preview: { query },
    } as unknown as CommandOptions["api"],
    isManager,
    roomId,
    status: signal(STATUS),
    onDone: (text) => void done.push(text),
  });
  /** Presses Enter, and waits until what strangers will see is shown. */
  const look = async (text: string) => {
    expect(await model.submit(text)).toBe(false);
    await waitFor(() => previews.length > 0);
    previews.pop()?.answer.resolve({ html: "<p>Shown</p>" });
    const state = model.state.value;
    if (state.type === "preview") await waitFor(() => model.preview.isOf(state.command));
  };
  return { model, asked, done, previews, look };
}

describe("CommandModel", () => {
  it("shows what will be published, and publishes it with the second Enter", async () => {
    const { model, asked, done, look } = setup();
    model.typed(OPEN);
    await look(OPEN);
    expect(model.state.value).toMatchObject({ type: "preview", command: { title: "Calls fail" } });
    expect(asked).toEqual([]);
    expect(await model.submit(OPEN)).toBe(true);
    expect(asked).toEqual([["openIncident", {
      title: "Calls fail",
      text: "We are looking into it.",
      components: [{ id: "calls", status: "degraded_performance" }],
      impact: "minor",
    }]]);
    expect([model.state.value, done]).toEqual([{ type: "none" }, ["The incident is public."]]);
  });

  it("lets the room in which it is typed hear of what it opens", async () => {
    const { model, asked, look } = setup({ roomId: "AAAAAAAAAAAAAAAA" as RoomId });
    const texts = [
      OPEN,
      "/announce info Hello",
      "/maintenance plan Disks from:22:00 until:23:00 We change them",
    ];
    for (const text of [...texts, "/incident resolve Done"]) {
      await look(text);
      await model.submit(text);
    }
    const roomIds = asked.map((call) => (call as [string, { roomId?: string }])[1].roomId);
    expect(roomIds).toEqual([...Array(3).fill("AAAAAAAAAAAAAAAA"), undefined]);
  });

  it("shows a text again that has changed in between, and publishes nothing twice", async () => {
    const { model, asked, look } = setup();
    await look(OPEN);
    model.typed(`${OPEN} Really`);
    expect(model.state.value).toEqual({ type: "none" });
    await look(`${OPEN} Really`);
    expect(asked).toEqual([]);
    const [first, second] = await Promise.all([
      model.submit(`${OPEN} Really`),
      model.submit(`${OPEN} Really`),
    ]);
    expect([first, second, asked.length]).toEqual([true, false, 1]);
  });

  it("publishes nothing before it is shown as strangers will see it", async () => {
    const { model, asked, previews } = setup();
    for (let press = 0; press < 5; press++) expect(await model.submit(OPEN)).toBe(false);
    await waitFor(() => previews.length > 0);
    expect(await model.submit(OPEN)).toBe(false);
    expect(previews.map(({ given }) => given)).toEqual([
      { title: "Calls fail", text: "We are looking into it." },
    ]);
    previews[0]?.answer.reject(new AppError("rate_limited", "Later"));
    await waitFor(() => model.preview.failure.value !== null);
    // Enter asks once more.
    expect(await model.submit(OPEN)).toBe(false);
    await waitFor(() => previews.length > 1);
    previews[1]?.answer.resolve({ html: "<p>Shown</p>" });
    await waitFor(() => model.preview.shown.value.html !== "");
    expect(asked).toEqual([]);
    expect([await model.submit(OPEN), asked.length]).toEqual([true, 1]);
  });

  it("publishes once, however often Enter is pressed, and shows it until that is done", async () => {
    const { model, asked, look } = setup();
    await look(OPEN);
    const first = model.submit(OPEN);
    model.typed("Something else");
    expect(model.state.value).toMatchObject({ type: "preview", isBusy: true });
    expect([await model.submit(OPEN), await first, asked.length]).toEqual([false, true, 1]);
  });

  it("says what is wrong, and keeps the text for another try", async () => {
    const { model, asked, look } = setup({ refusal: new AppError("storage_unavailable", "Gone") });
    expect(await model.submit("/tea")).toBe(false);
    expect(model.state.value).toMatchObject({ type: "problem", text: expect.stringContaining("/incident") });
    await look(OPEN);
    expect(await model.submit(OPEN)).toBe(false);
    expect(model.state.value).toMatchObject({ type: "problem", text: expect.stringContaining("storage") });
    await model.submit(OPEN);
    expect([model.state.value.type, asked.length]).toEqual(["preview", 1]);
    model.preview[Symbol.dispose]();
  });

  it("offers nothing to others", async () => {
    const { model } = setup({ isManager: false });
    expect(model.complete("inc")).toEqual([]);
    await model.submit(OPEN);
    expect(model.state.value).toMatchObject({
      text: expect.stringContaining("There is no command /incident"),
    });
  });
});
