import type { FilesState, IncomingFile, OutgoingFile } from "../../../../shared/call/file_transfer.ts";
import { newId } from "../../../../shared/ids.ts";
import type { Page, TestBrowser } from "../../../support/browser.ts";
import { serveComponentPage } from "../../../support/component_page.ts";
import { waitFor } from "../../../support/wait.ts";
import type { LinkDesk } from "./LinkPage.tsx";

const PATIENCE_MS = 60_000;

/** The scope of a page with a link. */
export type LinkScope = { readonly desk: LinkDesk; readonly data: RTCDataChannel };

/** A page with a link to the other one. */
export class LinkDevice {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  state(): Promise<FilesState> {
    return this.page.evaluate(() => (globalThis as unknown as LinkScope).desk.link.state.value);
  }

  async incoming(fileId: string): Promise<IncomingFile | undefined> {
    return (await this.state()).incoming.find((file) => file.fileId === fileId);
  }

  async outgoing(fileId: string): Promise<OutgoingFile | undefined> {
    return (await this.state()).outgoing.find((file) => file.fileId === fileId);
  }

  /** Waits until a file, whichever way it goes, is in a phase. */
  async reaches(fileId: string, phase: string): Promise<void> {
    let last: string | undefined;
    await waitFor(async () => {
      const file = await this.incoming(fileId) ?? await this.outgoing(fileId);
      last = file?.phase;
      return last === phase;
    }, { timeoutMs: PATIENCE_MS, what: `${phase}, not ${last}` });
  }

  act(type: "accept" | "decline" | "cancel" | "forget", fileId: string): Promise<void> {
    return this.page.evaluate(
      ([type, fileId]) => (globalThis as unknown as LinkScope).desk.link.act(type, fileId),
      [type, fileId] as const,
    );
  }

  /** Accepts a file of this size, and returns bytes a second until all of it is stored. */
  async acceptTimed(fileId: string, sizeBytes: number): Promise<number> {
    const ms = await this.page.evaluate((fileId) => {
      const { link } = (globalThis as unknown as LinkScope).desk;
      const startedAt = performance.now();
      link.act("accept", fileId);
      return new Promise<number>((resolve) => {
        link.state.subscribe(({ incoming }) => {
          const file = incoming.find((one) => one.fileId === fileId);
          if (file?.stored === file?.size) resolve(performance.now() - startedAt);
        });
      });
    }, fileId);
    return sizeBytes / ms * 1_000;
  }

  /** Offers a file of this size, with different bytes everywhere. */
  async offer(name: string, sizeBytes: number): Promise<string> {
    const fileId = newId();
    await this.page.evaluate(({ fileId, name, sizeBytes }) => {
      const bytes = new Uint8Array(sizeBytes);
      const words = new Uint32Array(bytes.buffer, 0, Math.floor(sizeBytes / 4));
      let word = 1;
      for (let index = 0; index < words.length; index += 1) {
        word = Math.imul(word, 1_664_525) + 1_013_904_223;
        words[index] = word;
      }
      (globalThis as unknown as LinkScope).desk.link.offer(fileId, new File([bytes], name));
    }, { fileId, name, sizeBytes });
    return fileId;
  }

  failure(fileId: string): Promise<string | undefined> {
    return this.page.evaluate(
      (fileId) => (globalThis as unknown as LinkScope).desk.link.failures.value.get(fileId),
      fileId,
    );
  }

  /** Sends anything over the channel. */
  sendRaw(...frames: readonly (string | readonly number[])[]): Promise<void> {
    return this.page.evaluate((frames) => {
      const channel = (globalThis as unknown as LinkScope).desk.channel();
      for (const frame of frames) {
        if (typeof frame === "string") channel.send(frame);
        else channel.send(new Uint8Array(frame));
      }
    }, frames);
  }
}

/** Two pages whose links are connected. */
export interface LinkPair extends AsyncDisposable {
  readonly ana: LinkDevice;
  readonly bo: LinkDevice;
  /** The path breaks, and another one takes its place. */
  reconnect(): Promise<void>;
}

/** Opens two pages with a link each, and connects them. */
export async function openLinkPair(browser: TestBrowser): Promise<LinkPair> {
  await using opened = new AsyncDisposableStack();
  const parts = opened.use(await serveComponentPage("tests/client/calls/files/LinkPage.tsx"));
  const profile = opened.use(await browser.openProfile());
  const open = async (name: string) => {
    const page = await profile.openPage(`${parts.url}#${name}`);
    await page.waitForFunction(() => "desk" in globalThis);
    return new LinkDevice(page);
  };
  const [ana, bo] = [await open("ana"), await open("bo")];
  let number = 0;
  const reconnect = async () => {
    number += 1;
    const connect = (device: LinkDevice, isOffering: boolean) =>
      device.page.evaluate(
        ([number, isOffering]) => (globalThis as unknown as LinkScope).desk.connect(number, isOffering),
        [number, isOffering] as const,
      );
    await connect(bo, false);
    await connect(ana, true);
    await waitFor(async () => (await ana.state()).isOpen && (await bo.state()).isOpen, {
      timeoutMs: PATIENCE_MS,
    });
  };
  await reconnect();
  const closing = opened.move();
  return { ana, bo, reconnect, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}
