import { describe, expect, it } from "vitest";
import { ROOT_ONLY, withSmallDisk } from "../../support/small_disk.ts";
import { testApp } from "../../support/test_app.ts";
import { waitFor } from "../../support/wait.ts";

const MIB = 1024 * 1024;

describe("a full disk while running", () => {
  it.skipIf(!ROOT_ONLY.isPossible)(
    "F6 fails sends with a retryable error, goes on reading, and recovers by itself within 2 s",
    () =>
      withSmallDisk({ size: "6m" }, async (folder) => {
        await using app = await testApp({ config: { dataDir: folder } });
        const [room] = await app.owner.api.rooms.list.query();
        const roomId = room?.id ?? "" as never;
        const send = (clientMessageId: string) =>
          app.owner.api.messages.send.mutate({ roomId, clientMessageId, text: "x".repeat(3_000) });
        await send("before");
        await fill(`${folder}/ballast`);
        const problem = await waitFor(async () => {
          try {
            await send(crypto.randomUUID());
            await new Promise<void>((resolve) => setTimeout(resolve, 250));
            return null;
          } catch (error) {
            return error;
          }
        });
        expect(problem).toMatchObject({
          data: {
            code: "SERVICE_UNAVAILABLE",
            httpStatus: 503,
            appCode: "storage_full",
            retryAfterMs: 2_000,
          },
        });
        const page = await app.owner.api.messages.list.query({ roomId });
        expect(page.messages[0]).toMatchObject({ clientMessageId: "before" });
        const ready = await app.device().fetch("/readyz");
        expect([ready.status, await ready.text()]).toEqual([200, "ready\n"]);
        await Deno.remove(`${folder}/ballast`);
        const freedAt = performance.now();
        await waitFor(async () => await send("after").catch(() => null));
        expect(performance.now() - freedAt).toBeLessThan(2_000);
        // The id makes the retry safe: the refused message is now stored once.
        const { offset } = await send("after");
        expect((await app.owner.api.messages.list.query({ roomId })).messages.at(-1)).toMatchObject({
          offset,
        });
      }),
  );
});

/** Writes until the disk is full. */
async function fill(path: string): Promise<void> {
  using file = await Deno.open(path, { create: true, append: true });
  for (let size = MIB; size >= 512;) {
    try {
      await file.write(new Uint8Array(size));
    } catch {
      size /= 2;
    }
  }
}
