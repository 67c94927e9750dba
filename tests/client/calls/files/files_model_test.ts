import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KEPT_MS } from "../../../../client/calls/files/kept_files.ts";
import { FILE_MAX_BYTES } from "../../../../shared/call/file_message.ts";
import { temporaryFolder } from "../../../support/temporary_folder.ts";
import {
  accept,
  arrived,
  carried,
  FilesPages,
  offer,
  PATIENCE,
  phase,
  reaches,
  remembered,
  save,
} from "./files_pair.ts";
import type { FilesScope } from "./files_pair.ts";

const MIB = 1024 * 1024;
const PATIENCE_MS = 120_000;

let pages: FilesPages;
beforeAll(async () => {
  pages = await FilesPages.open();
});
afterAll(() => pages[Symbol.asyncDispose]());

describe("files of two people", () => {
  it("FILE20 go on after the receiver's page was loaded again, from what it has stored", async () => {
    await using pair = await pages.pair();
    const { ana, bo } = pair;
    await offer(ana, "plan.bin", 50 * MIB);
    await accept(bo);
    await arrived(bo, 10 * MIB);
    await remembered(bo, "received");
    await bo.reload();
    await bo.waitForFunction(() => "desk" in globalThis);
    // Without the other person the card says how it goes on.
    await bo.getByText("Interrupted. Goes on when Ana is back.").waitFor(PATIENCE);
    await ana.getByText("Interrupted. Goes on when Bo is back.").waitFor(PATIENCE);
    await pair.connect();
    await reaches(bo, "done");
    await reaches(ana, "done");
    // What was stored did not come again.
    expect((await carried(bo)).receivedBytes).toBeLessThanOrEqual(40 * MIB);
    const { name, bytes } = await save(bo);
    expect([name, bytes.length]).toEqual(["plan.bin", 50 * MIB]);
    expect(await bo.evaluate(() => (globalThis as unknown as FilesScope).desk.handed)).toEqual([
      { name: "plan.bin", bytes: 50 * MIB },
    ]);
  }, PATIENCE_MS);

  it("FILE21 go on by themselves after the sender's, where the browser finds the file again", async () => {
    await using pair = await pages.pair();
    const { ana, bo } = pair;
    await offer(ana, "found.bin", 30 * MIB, true);
    await accept(bo);
    await arrived(bo, 5 * MIB);
    await remembered(ana, "sent");
    await pair.reload(ana);
    await reaches(bo, "done");
    await reaches(ana, "done");
    expect((await carried(ana)).sentBytes).toBeLessThanOrEqual(25 * MIB);
    expect((await save(bo)).bytes.length).toBe(30 * MIB);
  }, PATIENCE_MS);

  it(
    "FILE29 wait while another tab receives them, and go on from what it has stored when it is closed",
    async () => {
      await using pair = await pages.pair();
      const { ana, bo } = pair;
      await offer(ana, "taken over.bin", 30 * MIB);
      await accept(bo);
      await arrived(bo, 5 * MIB);
      // The first tab waits for the rest, and has the file as long as it does.
      await ana.evaluate(() => (globalThis as unknown as FilesScope).desk.disconnect());
      const tab = await pair.openTab();
      await pair.connect(tab);
      await tab.getByText("Another tab receives it. It goes on here when that one stops.").waitFor(PATIENCE);
      await bo.close();
      await reaches(tab, "done");
      await reaches(ana, "done");
      expect((await carried(tab)).receivedBytes).toBeLessThanOrEqual(25 * MIB);
      expect((await save(tab)).bytes.length).toBe(30 * MIB);
    },
    PATIENCE_MS,
  );

  it("FILE22 go on with the same file chosen again, and with no other one", async () => {
    await using pair = await pages.pair();
    const { ana, bo } = pair;
    await offer(ana, "chosen.bin", 8 * MIB);
    await bo.getByRole("button", { name: "Accept" }).waitFor(PATIENCE);
    await remembered(ana, "sent");
    await pair.reload(ana);
    await ana.getByText("Choose the file again to go on").waitFor(PATIENCE);
    await using folder = await temporaryFolder();
    const choose = async (first: number) => {
      const words = new Uint32Array(2 * MIB);
      let word = first;
      for (let index = 0; index < words.length; index += 1) {
        word = Math.imul(word, 1_664_525) + 1_013_904_223;
        words[index] = word;
      }
      const path = `${folder.path}/chosen.bin`;
      await Deno.writeFile(path, new Uint8Array(words.buffer));
      const [chooser] = await Promise.all([
        ana.waitForEvent("filechooser", PATIENCE),
        ana.getByRole("button", { name: "Choose the file" }).click(PATIENCE),
      ]);
      await chooser.setFiles(path);
    };
    await choose(2);
    await expect.poll(() => ana.evaluate(() => (globalThis as unknown as FilesScope).desk.problems), PATIENCE)
      .toEqual(["This is another file. Choose chosen.bin as it was."]);
    await choose(1);
    await accept(bo);
    await reaches(bo, "done");
    await reaches(ana, "done");
  }, PATIENCE_MS);

  it("FILE35 are taken from a dialog that is open for long, where the browser has no other one", async () => {
    await using pair = await pages.pair();
    await using folder = await temporaryFolder();
    const { ana } = pair;
    const path = `${folder.path}/chosen late.txt`;
    await Deno.writeTextFile(path, "x");
    const devtools = await ana.context().newCDPSession(ana);
    await devtools.send("Page.enable");
    await devtools.send("Page.setInterceptFileChooserDialog", { enabled: true });
    const opening = new Promise<number>((resolve) =>
      devtools.once("Page.fileChooserOpened", ({ backendNodeId = 0 }) => resolve(backendNodeId))
    );
    await ana.evaluate(() => (globalThis as unknown as FilesScope).desk.choose());
    const backendNodeId = await opening;
    // The browser cleans up while the person looks for the file.
    await devtools.send("HeapProfiler.collectGarbage");
    await devtools.send("DOM.setFileInputFiles", { files: [path], backendNodeId });
    await expect.poll(() => ana.evaluate(() => (globalThis as unknown as FilesScope).desk.chosen), PATIENCE)
      .toEqual(["chosen late.txt"]);
  }, PATIENCE_MS);

  it("FILE23 are deleted a day after they came, and soon after they were saved", async () => {
    await using pair = await pages.pair();
    const { ana, bo } = pair;
    const stored = () =>
      bo.evaluate(async () => {
        const root = await navigator.storage.getDirectory();
        const names: string[] = [];
        for await (const name of (await root.getDirectoryHandle("files-bo-person-000001")).keys()) {
          names.push(name);
        }
        return names.length;
      });
    await offer(ana, "old.bin", MIB);
    await accept(bo);
    await reaches(bo, "done");
    expect(await stored()).toBe(1);
    const laterBy = async (aheadMs: number) => {
      await bo.addInitScript((aheadMs) => Object.assign(globalThis, { aheadMs }), aheadMs);
      await pair.reload(bo);
    };
    await laterBy(KEPT_MS - 3_600_000);
    await bo.getByText("Save it within a day").waitFor(PATIENCE);
    expect((await save(bo)).bytes.length).toBe(MIB);
    expect(await stored()).toBe(1);
    await bo.getByRole("button", { name: "Clear" }).click();
    await bo.getByRole("region", { name: "Files" }).waitFor({ state: "detached" });
    expect(await stored(), "while the browser may copy it").toBe(1);
    await laterBy(KEPT_MS - 3_600_000 + 600_001);
    await expect.poll(stored, PATIENCE).toBe(0);
    // Also those of somebody who used this browser before.
    await ana.evaluate(async () => {
      const root = await navigator.storage.getDirectory();
      const folder = await root.getDirectoryHandle("files-somebody-else-01", { create: true });
      await folder.getFileHandle("bo-person-000001.0123456789abcdef", { create: true });
    });
    await pair.reload(bo);
    await expect.poll(() =>
      bo.evaluate(async () => {
        const root = await navigator.storage.getDirectory();
        const names: string[] = [];
        for await (const name of (await root.getDirectoryHandle("files-somebody-else-01")).keys()) {
          names.push(name);
        }
        return names;
      }), PATIENCE).toEqual([]);
    await offer(ana, "partial.bin", 50 * MIB);
    await accept(bo);
    await arrived(bo, 2 * MIB);
    await ana.evaluate(() => (globalThis as unknown as FilesScope).desk.disconnect());
    await laterBy(3 * KEPT_MS);
    await expect.poll(stored, PATIENCE).toBe(0);
  }, PATIENCE_MS);

  it("FILE24 are not accepted when there is no space, which is said in figures", async () => {
    // Chromium 156 says ten gigabytes whatever there is; others say the truth.
    await using pair = await pages.pair(() => {
      const state = { quota: 5_000_000, usage: 2_000_000 };
      Object.assign(globalThis, { state });
      Object.defineProperty(navigator.storage, "estimate", { value: () => Promise.resolve(state) });
    });
    const { ana, bo } = pair;
    await offer(ana, "large.bin", 12_000_000);
    await accept(bo);
    await bo.getByText("Not enough space: needs 12 MB, 3 MB free").waitFor(PATIENCE);
    await bo.evaluate(() => {
      (globalThis as unknown as { state: { usage: number } }).state.usage = -8_000_000;
    });
    await accept(bo);
    await reaches(bo, "done");
  }, PATIENCE_MS);

  it("FILE25 can only be declined in a window that stores nothing", async () => {
    await using pair = await pages.pair(() => {
      Object.defineProperty(navigator.storage, "getDirectory", {
        value: () => Promise.reject(new DOMException("Private", "SecurityError")),
      });
    });
    const { ana, bo } = pair;
    await offer(ana, "plan.pdf", 100);
    await bo.getByText("This window cannot store files").waitFor(PATIENCE);
    expect(await bo.getByRole("button", { name: "Accept" }).count()).toBe(0);
    await bo.getByRole("button", { name: "Decline" }).click();
    await ana.getByText("Bo did not accept it").waitFor(PATIENCE);
  }, PATIENCE_MS);

  it("T20 are saved under a name that deceives nobody, and never shown", async () => {
    await using pair = await pages.pair();
    const { ana, bo } = pair;
    const page = "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>";
    await ana.evaluate((page) => {
      const { desk } = globalThis as unknown as FilesScope;
      const file = new File([page], "../\u202Egvs.exe\u0000<img src=x>.svg", { type: "image/svg+xml" });
      desk.offer(desk.withoutHandles([file]));
    }, page);
    await bo.getByText("Ana wants to send you").waitFor(PATIENCE);
    expect(await bo.locator(".file-name").textContent()).toBe(".._gvs.exe<img src=x>.svg");
    await accept(bo);
    const opened: string[] = [];
    bo.context().on("page", (other) => opened.push(other.url()));
    const types = await bo.evaluateHandle(() => {
      const types: string[] = [];
      const create = URL.createObjectURL;
      URL.createObjectURL = (blob) => {
        types.push((blob as Blob).type);
        return create(blob);
      };
      return types;
    });
    const { name, bytes } = await save(bo);
    expect(name).not.toMatch(/[\u202E/\\\0]/);
    expect(name).toMatch(/\.svg$/);
    expect(new TextDecoder().decode(bytes)).toBe(page);
    expect(await types.jsonValue()).toEqual(["application/octet-stream"]);
    expect([opened, await bo.locator("img, iframe, object, embed").count()]).toEqual([[], 0]);
  }, PATIENCE_MS);

  it("FILE26 that are too large, or too many, are not offered", async () => {
    await using pair = await pages.pair();
    const answers = await pair.ana.evaluate((maxBytes) => {
      const { desk } = globalThis as unknown as FilesScope;
      const large = new File([], "large.iso");
      Object.defineProperty(large, "size", { value: maxBytes + 1 });
      const many = Array.from({ length: 51 }, (_, index) => new File(["x"], `${index}.txt`));
      return [desk.offer(desk.withoutHandles([large])), desk.offer(desk.withoutHandles(many))];
    }, FILE_MAX_BYTES);
    expect(answers).toEqual(["too_large", "too_many"]);
    expect(await phase(pair.ana)).toBeUndefined();
  }, PATIENCE_MS);
});
