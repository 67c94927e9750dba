import { describe, expect, it } from "vitest";
import { HTTP_BATCH_ANSWER_BYTES } from "../../../shared/limits.ts";
import { testApp } from "../../support/test_app.ts";
import { waitFor } from "../../support/wait.ts";

/** The address of a batch that reads the same page `count` times. */
function pagesUrl(roomId: string, count: number): string {
  const inputs = Array.from({ length: count }, () => ({ roomId, limit: 100 }));
  const paths = inputs.map(() => "messages.list").join(",");
  return `/trpc/${paths}?batch=1&input=${encodeURIComponent(JSON.stringify({ ...inputs }))}`;
}

const byteLength = (text: string) => new TextEncoder().encode(text).length;

describe("HTTP batches", () => {
  it("of one account are answered one by one, beside those of others", async () => {
    await using app = await testApp();
    const ben = await app.person("Ben");
    const [anas, bens] = await Promise.all(
      [app.owner, ben].map((person, index) =>
        person.api.rooms.create.mutate({ name: `Room ${index}`, kind: "public" })
      ),
    );
    if (anas === undefined || bens === undefined) throw new Error("There are no rooms");
    const { messageReader } = app.services;
    const page = messageReader.page.bind(messageReader);
    const started: string[] = [];
    const { promise: gate, resolve: letGo } = Promise.withResolvers<void>();
    messageReader.page = async (roomId, ...rest) => {
      started.push(roomId);
      await gate;
      return await page(roomId, ...rest);
    };
    const answers = [
      ...Array.from({ length: 3 }, () => app.owner.device.fetch(pagesUrl(anas.id, 2))),
      ben.device.fetch(pagesUrl(bens.id, 2)),
    ];
    await waitFor(() => started.includes(bens.id));
    // All batches have arrived by now, and single calls of the account are still answered.
    await app.owner.api.auth.me.query();
    expect(started.toSorted()).toEqual([anas.id, bens.id].toSorted());
    letGo();
    for (const answer of await Promise.all(answers)) {
      expect((await answer.json()).map((part: object) => "result" in part)).toEqual([true, true]);
    }
  });

  it("begin no more calls once their answers exceed the limit", async () => {
    await using app = await testApp();
    const roomId = (await app.owner.api.rooms.list.query())[0]?.id ?? "" as never;
    for (let count = 0; count < 15; count++) {
      const text = "🌊".repeat(4_000);
      await app.owner.api.messages.send.mutate({ roomId, clientMessageId: `m${count}`, text });
    }
    const answer = await app.owner.device.fetch(pagesUrl(roomId, 20));
    const text = await answer.text();
    const parts: { error?: { data: { appCode: string } } }[] = JSON.parse(text);
    const pageBytes = byteLength(JSON.stringify(parts[0]));
    const okCount = Math.ceil(HTTP_BATCH_ANSWER_BYTES / pageBytes);
    expect(parts.map(({ error }) => error?.data.appCode ?? "ok")).toEqual([
      ...Array(okCount).fill("ok"),
      ...Array(20 - okCount).fill("too_large"),
    ]);
    expect(byteLength(text)).toBeLessThan(HTTP_BATCH_ANSWER_BYTES + pageBytes + 20_000);
    expect(answer.headers.get("content-length")).toBe(String(byteLength(text)));
  });
});
