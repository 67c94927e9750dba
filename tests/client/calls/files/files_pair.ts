import type { TransferRecord } from "../../../../client/calls/files/transfer_records.ts";
import type { Page, TestBrowser } from "../../../support/browser.ts";
import { openCallBrowser } from "../../../support/call_browser.ts";
import { serveComponentPage } from "../../../support/component_page.ts";
import type { ComponentPage } from "../../../support/component_page.ts";
import { waitFor } from "../../../support/wait.ts";
import type { FilesDesk } from "./FilesPage.tsx";

/** How long a page may take, on a machine that is busy with other things. */
export const PATIENCE = { timeout: 60_000 };

/** The scope of a page with files. */
export type FilesScope = { readonly desk: FilesDesk };

/** The pages of two people. */
export class FilesPages implements AsyncDisposable {
  readonly #browser: TestBrowser;
  readonly #parts: ComponentPage;

  private constructor(browser: TestBrowser, parts: ComponentPage) {
    this.#browser = browser;
    this.#parts = parts;
  }

  static async open(): Promise<FilesPages> {
    const browser = await openCallBrowser();
    return new FilesPages(browser, await serveComponentPage("tests/client/calls/files/FilesPage.tsx"));
  }

  /** Opens a page for each; `script` runs in that of Bo before anything else. */
  async pair(script?: () => void): Promise<FilesPair> {
    await using opened = new AsyncDisposableStack();
    const profile = opened.use(await this.#browser.openProfile());
    const open = async (name: string) => {
      const page = await profile.openPage();
      // Pages cannot be chosen from in tests, but by an input.
      await page.addInitScript(() => Reflect.deleteProperty(globalThis, "showOpenFilePicker"));
      if (script !== undefined && name === "bo") await page.addInitScript(script);
      await page.goto(`${this.#parts.url}#${name}`);
      await page.waitForFunction(() => "desk" in globalThis);
      return page;
    };
    const [ana, bo] = [await open("ana"), await open("bo")];
    const closing = opened.move();
    const pair = new FilesPair({ ana, bo, openTab: () => open("bo"), close: () => closing.disposeAsync() });
    await pair.connect();
    return pair;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts[Symbol.asyncDispose]();
    await this.#browser[Symbol.asyncDispose]();
  }
}

interface FilesPairOptions {
  readonly ana: Page;
  readonly bo: Page;
  readonly openTab: () => Promise<Page>;
  readonly close: () => Promise<void>;
}

/** Two people with a page each. */
export class FilesPair implements AsyncDisposable {
  readonly ana: Page;
  readonly bo: Page;
  /** Opens another tab of Bo, which is not connected. */
  readonly openTab: () => Promise<Page>;
  readonly #close: () => Promise<void>;
  #number = 0;

  constructor({ ana, bo, openTab, close }: FilesPairOptions) {
    this.ana = ana;
    this.bo = bo;
    this.openTab = openTab;
    this.#close = close;
  }

  /** Ana and this page of Bo come into the call. */
  async connect(bo = this.bo): Promise<void> {
    this.#number += 1;
    for (const [page, isOffering] of [[bo, false], [this.ana, true]] as const) {
      await page.evaluate(
        ([number, isOffering]) => (globalThis as unknown as FilesScope).desk.connect(number, isOffering),
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
export async function offer(page: Page, name: string, sizeBytes: number, isFound = false): Promise<void> {
  await page.evaluate(async ({ name, sizeBytes, isFound }) => {
    const { desk } = globalThis as unknown as FilesScope;
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

/** Waits until the browser remembers what goes on after a reload: it is written a moment after the other side hears. */
export async function remembered(page: Page, kind: TransferRecord["kind"]): Promise<void> {
  await waitFor(() =>
    page.evaluate(async (kind) => {
      const records = await (globalThis as unknown as FilesScope).desk.records.list();
      return records?.some((record) => record.kind === kind) ?? false;
    }, kind), { timeoutMs: 60_000, what: `a ${kind} file is remembered` });
}

export async function accept(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Accept" }).click(PATIENCE);
}

export function phase(page: Page): Promise<string | undefined> {
  return page.evaluate(() => (globalThis as unknown as FilesScope).desk.model.cards.value.at(-1)?.phase);
}

export async function reaches(page: Page, wanted: string): Promise<void> {
  await waitFor(async () => await phase(page) === wanted, { timeoutMs: 60_000, what: wanted });
}

export async function arrived(page: Page, bytes: number): Promise<void> {
  await waitFor(() =>
    page.evaluate(
      (bytes) =>
        ((globalThis as unknown as FilesScope).desk.model.cards.value.at(-1)?.doneBytes ?? 0) >= bytes,
      bytes,
    ), { timeoutMs: 60_000 });
}

/** Returns how many bytes of files have come to a page, or left it, since it was loaded. */
export function carried(page: Page): Promise<{ readonly receivedBytes: number; readonly sentBytes: number }> {
  return page.evaluate(() => {
    const { receivedBytes, sentBytes } = (globalThis as unknown as FilesScope).desk;
    return { receivedBytes, sentBytes };
  });
}

/** Saves the file of the only card, and returns how it is named and what is in it. */
export async function save(page: Page): Promise<{ name: string; bytes: Uint8Array }> {
  const downloading = page.waitForEvent("download", PATIENCE);
  await page.getByRole("button", { name: "Save" }).click(PATIENCE);
  const download = await downloading;
  return { name: download.suggestedFilename(), bytes: await Deno.readFile(await download.path()) };
}
