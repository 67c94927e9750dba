import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KEPT_MS } from "../../../../client/calls/files/kept_files.ts";
import { FILE_MAX_BYTES } from "../../../../shared/call/file_message.ts";
import type { Page, TestBrowser } from "../../../support/browser.ts";
import { openCallBrowser } from "../../../support/call_browser.ts";
import { serveComponentPage } from "../../../support/component_page.ts";
import type { ComponentPage } from "../../../support/component_page.ts";
import { waitFor } from "../../../support/wait.ts";
import type { FilesDesk } from "./FilesPage.tsx";

const MIB = 1024 * 1024;
const PATIENCE_MS = 120_000;
const PATIENCE = { timeout: 60_000 };

type Scope = { readonly desk: FilesDesk };

let browser: TestBrowser;
let parts: ComponentPage;
beforeAll(async () => {
  browser = await openCallBrowser();
  parts = await serveComponentPage("tests/client/calls/files/FilesPage.tsx");
});
afterAll(async () => {
  await parts[Symbol.asyncDispose]();
  await browser[Symbol.asyncDispose]();
});

/** Two people with a page each. */
class Pair implements AsyncDisposable {
  readonly ana: Page;
  readonly bo: Page;
  readonly #close: () => Promise<void>;
  #number = 0;

  private constructor(ana: Page, bo: Page, close: () => Promise<void>) {
    this.ana = ana;
    this.bo = bo;
    this.#close = close;
  }

  /** `script` runs in the page of Bo before anything else. */
  static async open(script?: () => void): Promise<Pair> {
    await using opened = new AsyncDisposableStack();
    const profile = opened.use(await browser.openProfile());
    const open = async (name: string) => {
      const page = await profile.openPage();
      // Pages cannot be chosen from in tests, but by an input.
      await page.addInitScript(() => Reflect.deleteProperty(globalThis, "showOpenFilePicker"));
      if (script !== undefined && name === "bo") await page.addInitScript(script);
      await page.goto(`${parts.url}#${name}`);
      await page.waitForFunction(() => "desk" in globalThis);
      return page;
    };
    const [ana, bo] = [await open("ana"), await open("bo")];
    const closing = opened.move();
    const pair = new Pair(ana, bo, () => closing.disposeAsync());
    await pair.connect();
    return pair;
  }

  async connect(): Promise<void> {
    this.#number += 1;
    for (const [page, isOffering] of [[this.bo, false], [this.ana, true]] as const) {
      await page.evaluate(
        ([number, isOffering]) => (globalThis as unknown as Scope).desk.connect(number, isOffering),
        [this.#number, isOffering] as const,
      );
    }
  }

  /** One of them loads the page again, and both come back into the call. */
  async reload(page: Page): Promise<void> {
    await page.reload();
    await page.waitForFunction(() => "desk" in globalThis);
    await this.connect();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }
}

/** Offers a file with different bytes everywhere; `isFound` if the browser can find it again. */
async function offer(page: Page, name: string, sizeBytes: number, isFound = false): Promise<void> {
  await page.evaluate(async ({ name, sizeBytes, isFound }) => {
    const { desk } = globalThis as unknown as Scope;
    const words = new Uint32Array(Math.ceil(sizeBytes / 4));
    let word = 1;
    for (let index = 0; index < words.length; index += 1) {
      word = Math.imul(word, 1_664_525) + 1_013_904_223;
      words[index] = word;
    }
    const file = new File([words.buffer.slice(0, sizeBytes)], name);
    if (!isFound) return void desk.offer(desk.withoutHandles([file]));
    // A handle like that of a file on the disk, which tests cannot choose.
    const handle = await (await navigator.storage.getDirectory()).getFileHandle(name, { create: true });
    const writable = await handle.createWritable();
    await writable.write(file);
    await writable.close();
    desk.offer([{ file: await handle.getFile(), handle }]);
  }, { name, sizeBytes, isFound });
}

async function accept(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Accept" }).click(PATIENCE);
}

function phase(page: Page): Promise<string | undefined> {
  return page.evaluate(() => (globalThis as unknown as Scope).desk.model.cards.value.at(-1)?.phase);
}

async function reaches(page: Page, wanted: string): Promise<void> {
  await waitFor(async () => await phase(page) === wanted, { timeoutMs: 60_000, what: wanted });
}

async function arrived(page: Page, bytes: number): Promise<void> {
  await waitFor(() =>
    page.evaluate(
      (bytes) => ((globalThis as unknown as Scope).desk.model.cards.value.at(-1)?.doneBytes ?? 0) >= bytes,
      bytes,
    ), { timeoutMs: 60_000 });
}

/** Saves the file of the only card, and returns how it is named and what is in it. */
async function save(page: Page): Promise<{ name: string; bytes: Uint8Array }> {
  const downloading = page.waitForEvent("download", PATIENCE);
  await page.getByRole("button", { name: "Save" }).click(PATIENCE);
  const download = await downloading;
  return { name: download.suggestedFilename(), bytes: await Deno.readFile(await download.path()) };
}

describe("files of two people", () => {
  it("FILE20 go on after the receiver's page was loaded again, from what it has stored", async () => {
    await using pair = await Pair.open();
    const { ana, bo } = pair;
    await offer(ana, "plan.bin", 50 * MIB);
    await accept(bo);
    await arrived(bo, 10 * MIB);
    await bo.reload();
    await bo.waitForFunction(() => "desk" in globalThis);
    // Without the other person the card says how it goes on.
    await bo.getByText("Interrupted. Goes on when Ana is back.").waitFor(PATIENCE);
    await pair.connect();
    await arrived(bo, 8 * MIB);
    await reaches(bo, "done");
    await reaches(ana, "done");
    const { name, bytes } = await save(bo);
    expect([name, bytes.length]).toEqual(["plan.bin", 50 * MIB]);
    expect(await bo.evaluate(() => (globalThis as unknown as Scope).desk.handed)).toEqual([
      { name: "plan.bin", bytes: 50 * MIB },
    ]);
  }, PATIENCE_MS);

  it("FILE21 go on by themselves after the sender's, where the browser finds the file again", async () => {
    await using pair = await Pair.open();
    const { ana, bo } = pair;
    await offer(ana, "found.bin", 30 * MIB, true);
    await accept(bo);
    await arrived(bo, 5 * MIB);
    await pair.reload(ana);
    await reaches(bo, "done");
    await reaches(ana, "done");
    expect((await save(bo)).bytes.length).toBe(30 * MIB);
  }, PATIENCE_MS);

  it("FILE22 go on with the same file chosen again, and with no other one", async () => {
    await using pair = await Pair.open();
    const { ana, bo } = pair;
    await offer(ana, "chosen.bin", 8 * MIB);
    await bo.getByRole("button", { name: "Accept" }).waitFor(PATIENCE);
    await pair.reload(ana);
    await ana.getByText("Choose the file again to go on").waitFor(PATIENCE);
    const choose = async (name: string, first: number) => {
      const choosing = ana.waitForEvent("filechooser");
      await ana.getByRole("button", { name: "Choose the file" }).click();
      const words = new Uint32Array(2 * MIB);
      let word = first;
      for (let index = 0; index < words.length; index += 1) {
        word = Math.imul(word, 1_664_525) + 1_013_904_223;
        words[index] = word;
      }
      const folder = await Deno.makeTempDir();
      await Deno.writeFile(`${folder}/${name}`, new Uint8Array(words.buffer));
      await (await choosing).setFiles(`${folder}/${name}`);
      return folder;
    };
    const folders = [await choose("chosen.bin", 2)];
    await expect.poll(() => ana.evaluate(() => (globalThis as unknown as Scope).desk.problems), PATIENCE)
      .toEqual(["This is another file. Choose chosen.bin as it was."]);
    folders.push(await choose("chosen.bin", 1));
    await accept(bo);
    await reaches(bo, "done");
    await reaches(ana, "done");
    for (const folder of folders) await Deno.remove(folder, { recursive: true });
  }, PATIENCE_MS);

  it("FILE23 are deleted a day after they came, and soon after they were saved", async () => {
    await using pair = await Pair.open();
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
    await ana.evaluate(() => (globalThis as unknown as Scope).desk.disconnect());
    await laterBy(3 * KEPT_MS);
    await expect.poll(stored, PATIENCE).toBe(0);
  }, PATIENCE_MS);

  it("FILE24 are not accepted when there is no space, which is said in figures", async () => {
    // Chromium 156 says ten gigabytes whatever there is; others say the truth.
    await using pair = await Pair.open(() => {
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
    await using pair = await Pair.open(() => {
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
    await using pair = await Pair.open();
    const { ana, bo } = pair;
    const page = "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>";
    await ana.evaluate((page) => {
      const { desk } = globalThis as unknown as Scope;
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
    await using pair = await Pair.open();
    const answers = await pair.ana.evaluate((maxBytes) => {
      const { desk } = globalThis as unknown as Scope;
      const large = new File([], "large.iso");
      Object.defineProperty(large, "size", { value: maxBytes + 1 });
      const many = Array.from({ length: 51 }, (_, index) => new File(["x"], `${index}.txt`));
      return [desk.offer(desk.withoutHandles([large])), desk.offer(desk.withoutHandles(many))];
    }, FILE_MAX_BYTES);
    expect(answers).toEqual(["too_large", "too_many"]);
    expect(await phase(pair.ana)).toBeUndefined();
  }, PATIENCE_MS);
});
