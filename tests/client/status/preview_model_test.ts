import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { PreviewModel } from "../../../client/status/preview_model.ts";
import { SubmitModel } from "../../../client/ui/submit_model.ts";
import { AppError } from "../../../shared/errors.ts";

/** A preview whose answers a test gives. */
function setup() {
  const asked: { given: { text?: string; title?: string }; answer: PromiseWithResolvers<object> }[] = [];
  const query = (given: { text?: string; title?: string }) => {
    const answer = Promise.withResolvers<object>();
    asked.push({ given, answer });
    return answer.promise;
  };
  const preview = new PreviewModel(
    { preview: { query } } as unknown as ConstructorParameters<
      typeof PreviewModel
    >[0],
  );
  onTestFinished(() => preview[Symbol.dispose]());
  const submit = new SubmitModel();
  const published: string[] = [];
  const publish = (text: string) =>
    preview.publish(submit, { text }, () => Promise.resolve(published.push(text)));
  return { preview, submit, asked, published, publish };
}

describe("PreviewModel", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    onTestFinished(() => vi.useRealTimers());
  });

  it("asks a moment after the last key, and shows the last answer only", async () => {
    const { preview, asked } = setup();
    preview.show({ text: "a", title: "" });
    preview.show({ text: "ab", title: "" });
    expect(asked).toEqual([]);
    await vi.advanceTimersByTimeAsync(500);
    expect(asked.map(({ given }) => given)).toEqual([{ text: "ab" }]);
    preview.show({ text: "abc", title: "T" });
    await vi.advanceTimersByTimeAsync(500);
    asked[1]?.answer.resolve({ html: "<p>abc</p>", title: "T" });
    asked[0]?.answer.resolve({ html: "<p>ab</p>" });
    await vi.advanceTimersByTimeAsync(0);
    expect(preview.shown.value).toEqual({ html: "<p>abc</p>", title: "T" });
    preview.show({ text: " ", title: "" });
    expect(preview.shown.value).toEqual({ html: "", title: "" });
  });

  it("publishes nothing that is not shown in exactly these words", async () => {
    const { preview, submit, asked, published, publish } = setup();
    preview.show({ text: "Former" });
    await vi.advanceTimersByTimeAsync(500);
    asked[0]?.answer.resolve({ html: "<p>Former</p>" });
    await vi.advanceTimersByTimeAsync(0);
    expect(await publish("New")).toBe(false);
    preview.show({ text: "New" });
    expect(await publish("New")).toBe(false);
    await vi.advanceTimersByTimeAsync(500);
    expect(await publish("New")).toBe(false);
    expect(submit.failure.value).toMatchObject({ text: expect.stringContaining("Look at"), issues: [] });
    asked[1]?.answer.resolve({ html: "<p>New</p>" });
    await vi.advanceTimersByTimeAsync(0);
    expect([await publish("Former"), await publish("New"), published]).toEqual([false, true, ["New"]]);
  });

  it("says that it failed, and asks again when somebody wants it or wants to publish", async () => {
    const { preview, asked, published, publish } = setup();
    preview.show({ text: "Words" });
    await vi.advanceTimersByTimeAsync(500);
    asked[0]?.answer.reject(new AppError("storage_unavailable", "Gone"));
    await vi.advanceTimersByTimeAsync(0);
    expect(preview.failure.value).toContain("storage");
    preview.retry();
    expect(preview.failure.value).toBeNull();
    await vi.advanceTimersByTimeAsync(0);
    asked[1]?.answer.reject(new Error("Offline"));
    await vi.advanceTimersByTimeAsync(0);
    expect(await publish("Words")).toBe(false);
    await vi.advanceTimersByTimeAsync(0);
    asked[2]?.answer.resolve({ html: "<p>Words</p>" });
    await vi.advanceTimersByTimeAsync(0);
    expect([preview.failure.value, await publish("Words"), published]).toEqual([null, true, ["Words"]]);
  });

  it("ends with what shows it", async () => {
    const { preview, asked } = setup();
    preview.show({ text: "Words" });
    preview[Symbol.dispose]();
    await vi.advanceTimersByTimeAsync(1_000);
    expect([asked, vi.getTimerCount()]).toEqual([[], 0]);
  });
});
