import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FILE_MAX_BYTES } from "../../../../shared/call/file_message.ts";
import { newId } from "../../../../shared/ids.ts";
import type { TestBrowser } from "../../../support/browser.ts";
import { openCallBrowser } from "../../../support/call_browser.ts";
import { waitFor } from "../../../support/wait.ts";
import { openLinkPair } from "./link_pages.ts";
import type { LinkDevice, LinkScope } from "./link_pages.ts";

const MIB = 1024 * 1024;
const BIG_BYTES = 50 * MIB;
const PATIENCE_MS = 120_000;

let browser: TestBrowser;
beforeAll(async () => {
  browser = await openCallBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

/** Returns the SHA-256 of what a device has stored. */
function storedHash({ page }: LinkDevice, fileId: string): Promise<string> {
  return page.evaluate(async (fileId) => {
    const { disk } = (globalThis as unknown as LinkScope).desk;
    const file = await disk.read(`other-person-001.${fileId}`);
    if (file === null) return "nothing";
    const hash = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
    return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }, fileId);
}

function stored({ page }: LinkDevice): Promise<string[]> {
  return page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const names: string[] = [];
    for await (const name of (await root.getDirectoryHandle("files-bo")).keys()) names.push(name);
    return names;
  });
}

async function received(device: LinkDevice, fileId: string, bytes: number): Promise<void> {
  await waitFor(async () => ((await device.incoming(fileId))?.stored ?? 0) >= bytes, { timeoutMs: 60_000 });
}

describe("files between two pages", () => {
  it("FILE10 50 MiB go on after the path broke, arrive whole, and never fill the channel", async () => {
    await using pair = await openLinkPair(browser);
    const { ana, bo } = pair;
    const fileId = await ana.offer("plan.bin", BIG_BYTES);
    await bo.reaches(fileId, "offered");
    await bo.act("accept", fileId);
    await received(bo, fileId, 10 * MIB);
    await pair.reconnect();
    await bo.reaches(fileId, "done");
    const [first, second] = await bo.page.evaluate(() =>
      (globalThis as unknown as LinkScope).desk.firstOffsets
    );
    expect(first).toBe(0);
    expect(second).toBeGreaterThanOrEqual(10 * MIB);
    await ana.reaches(fileId, "done");
    const { hash } = await ana.outgoing(fileId) ?? {};
    expect(await storedHash(bo, fileId)).toBe(hash);
    const buffered = await ana.page.evaluate(() =>
      (globalThis as unknown as LinkScope).desk.maxBufferedBytes
    );
    expect(buffered).toBeGreaterThan(0.9 * MIB);
    expect(buffered).toBeLessThan(1.3 * MIB);
  }, PATIENCE_MS);

  it("FILE11 several go one after the other, also one without a byte", async () => {
    await using pair = await openLinkPair(browser);
    const { ana, bo } = pair;
    const sizes = [3 * MIB + 17, 0, 65_536, 1];
    const ids: string[] = [];
    for (const [index, size] of sizes.entries()) ids.push(await ana.offer(`${index}.bin`, size));
    for (const fileId of ids) await bo.reaches(fileId, "offered");
    const order = await bo.page.evaluateHandle(() => {
      const order: string[] = [];
      (globalThis as unknown as LinkScope).desk.link.state.subscribe(({ incoming }) => {
        for (const { fileId, stored, size } of incoming) {
          if (size > 0 && stored === size && !order.includes(fileId)) order.push(fileId);
        }
      });
      return order;
    });
    // Those that wait for the first one go in the order of the offers.
    await bo.page.evaluate(([first = "", ...rest]) => {
      const { link } = (globalThis as unknown as LinkScope).desk;
      for (const fileId of [first, ...rest.toReversed()]) link.act("accept", fileId);
    }, ids);
    for (const fileId of ids) await bo.reaches(fileId, "done");
    expect(await order.jsonValue()).toEqual(ids.filter((_, index) => sizes[index] !== 0));
    for (const [index, fileId] of ids.entries()) {
      await ana.reaches(fileId, "done");
      expect(await storedHash(bo, fileId), sizes[index]?.toString()).toBe((await ana.outgoing(fileId))?.hash);
    }
  }, PATIENCE_MS);

  it("FILE12 declined and cancelled ones leave nothing behind, whoever ends them", async () => {
    await using pair = await openLinkPair(browser);
    const { ana, bo } = pair;
    const declined = await ana.offer("declined.bin", MIB);
    await bo.reaches(declined, "offered");
    await bo.act("decline", declined);
    await ana.reaches(declined, "declined");
    for (const ending of [ana, bo]) {
      const fileId = await ana.offer("cancelled.bin", BIG_BYTES);
      await bo.reaches(fileId, "offered");
      await bo.act("accept", fileId);
      await received(bo, fileId, MIB);
      await ending.act("cancel", fileId);
      await ana.reaches(fileId, "cancelled");
      await bo.reaches(fileId, "cancelled");
      await expect.poll(() => stored(bo), { timeout: 30_000 }).not.toContain(`other-person-001.${fileId}`);
    }
    expect(await stored(bo)).not.toContain(`other-person-001.${declined}`);
  }, PATIENCE_MS);

  it("FILE13 says damaged when a byte changed on the way, and keeps nothing of it", async () => {
    await using pair = await openLinkPair(browser);
    const { ana, bo } = pair;
    await bo.page.evaluate(() => {
      const { desk } = globalThis as unknown as LinkScope;
      desk.onChunk = (chunk) => {
        chunk[chunk.length - 1] = (chunk[chunk.length - 1] ?? 0) ^ 1;
        desk.onChunk = null;
      };
    });
    const fileId = await ana.offer("damaged.bin", 2 * MIB);
    await bo.reaches(fileId, "offered");
    await bo.act("accept", fileId);
    await bo.reaches(fileId, "damaged");
    await ana.reaches(fileId, "damaged");
    await expect.poll(() => stored(bo), { timeout: 30_000 }).not.toContain(`other-person-001.${fileId}`);
  }, PATIENCE_MS);

  it("T20 takes nothing from a peer that lies about names, sizes and offsets", async () => {
    await using pair = await openLinkPair(browser);
    const { ana, bo } = pair;
    const say = (fields: object) => ana.sendRaw(JSON.stringify(fields));
    const [huge, negative, lying, late] = [newId(), newId(), newId(), newId()];
    await say({ type: "offer", fileId: huge, name: "huge.iso", size: 10e9 });
    await say({ type: "offer", fileId: negative, name: "negative", size: -1 });
    await say({ type: "offer", fileId: "../../../../etc", name: "id", size: 1 });
    await ana.sendRaw("{", "null", "[]", "x".repeat(200_000), [], [1, 2, 3], Array(65_561).fill(0));
    await say({ type: "offer", fileId: lying, name: "../../\u202Efdp.exe\n", size: 10 });
    await say({ type: "offer", fileId: late, name: "late.svg", size: FILE_MAX_BYTES });
    await bo.reaches(late, "offered");
    expect((await bo.incoming(lying))?.name).toBe(".._.._fdp.exe");
    for (const fileId of [huge, negative]) expect(await bo.incoming(fileId)).toBeUndefined();
    const chunk = (fileId: string, offset: number, bytes: number[]) => {
      const frame = new Uint8Array(24 + bytes.length);
      frame.set(new TextEncoder().encode(fileId));
      new DataView(frame.buffer).setFloat64(16, offset);
      frame.set(bytes, 24);
      return [...frame];
    };
    // Nothing is stored before it is accepted, and nothing beyond what was offered.
    await ana.sendRaw(chunk(lying, 0, [1, 2, 3]));
    await bo.act("accept", lying);
    await ana.sendRaw(chunk(lying, 0, Array(11).fill(7)));
    await bo.reaches(lying, "failed");
    await bo.act("accept", late);
    await ana.sendRaw(chunk(late, 2 ** 40, [1]), chunk(late, NaN, [1]), chunk(late, 5, [1]));
    await bo.reaches(late, "failed");
    await expect.poll(() => stored(bo), { timeout: 30_000 }).not.toContain(`other-person-001.${late}`);
    // Offers that are taken back leave nothing, however many there are.
    const withdrawn = Array.from({ length: 500 }, () => newId());
    await ana.sendRaw(...withdrawn.flatMap((fileId) => [
      JSON.stringify({ type: "offer", fileId, name: "gone", size: 1 }),
      JSON.stringify({ type: "cancel", fileId }),
    ]));
    // The link still works.
    const fileId = await ana.offer("honest.txt", 5);
    await bo.reaches(fileId, "offered");
    await bo.act("accept", fileId);
    await bo.reaches(fileId, "done");
    const { incoming } = await bo.state();
    const gone = new Set<string>(withdrawn);
    expect(incoming.filter((file) => gone.has(file.fileId))).toEqual([]);
  }, PATIENCE_MS);

  it("FILE14 says so when the disk is full", async () => {
    await using pair = await openLinkPair(browser);
    const { ana, bo } = pair;
    const devtools = await bo.page.context().newCDPSession(bo.page);
    const { origin } = new URL(bo.page.url());
    const { usage } = await devtools.send("Storage.getUsageAndQuota", { origin });
    await devtools.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: usage + 5 * MIB });
    const fileId = await ana.offer("full.bin", 20 * MIB);
    await bo.reaches(fileId, "offered");
    await bo.act("accept", fileId);
    await bo.reaches(fileId, "failed");
    expect(await bo.failure(fileId)).toBe("storage_full");
    await bo.act("forget", fileId);
    expect(await bo.failure(fileId)).toBeUndefined();
    await ana.reaches(fileId, "cancelled");
    await devtools.send("Storage.overrideQuotaForOrigin", { origin });
    await expect.poll(() => stored(bo), { timeout: 30_000 }).not.toContain(`other-person-001.${fileId}`);
  }, PATIENCE_MS);

  it("FILE15 says so when the file to send has changed", async () => {
    await using pair = await openLinkPair(browser);
    const { ana, bo } = pair;
    const path = await Deno.makeTempFile({ suffix: ".txt" });
    try {
      await Deno.writeFile(path, new Uint8Array(3 * MIB));
      await ana.page.evaluate(() =>
        document.body.append(Object.assign(document.createElement("input"), { type: "file" }))
      );
      await ana.page.locator("input").setInputFiles(path);
      const fileId = newId();
      await ana.page.evaluate((fileId) => {
        const [file] = document.querySelector("input")?.files ?? [];
        if (file !== undefined) (globalThis as unknown as LinkScope).desk.link.offer(fileId, file);
      }, fileId);
      await waitFor(async () => (await ana.outgoing(fileId))?.hash);
      const digest = createHash("sha256").update(new Uint8Array(3 * MIB)).digest("hex");
      expect((await ana.outgoing(fileId))?.hash).toBe(digest);
      await bo.reaches(fileId, "offered");
      await Deno.writeFile(path, new Uint8Array(2 * MIB));
      await bo.act("accept", fileId);
      await ana.reaches(fileId, "failed");
      expect(await ana.failure(fileId)).toBe("source_changed");
      await bo.reaches(fileId, "cancelled");
    } finally {
      await Deno.remove(path);
    }
  }, PATIENCE_MS);

  it("T20 lets no script become a worker but the one for files", async () => {
    await using pair = await openLinkPair(browser);
    const refusals = await pair.ana.page.evaluate((urls) =>
      urls.map((url) => {
        try {
          (globalThis as unknown as LinkScope).desk.openWorker(url, "x").terminate();
          return "started";
        } catch (error) {
          return (error as Error).name;
        }
      }), [
      "/main.js",
      "https://parley.example/files_worker-A.js",
      "data:text/javascript,1//files_worker-A.js",
      "blob:files_worker-A.js",
    ]);
    expect(refusals).toEqual(Array(4).fill("TypeError"));
  }, PATIENCE_MS);
});
