import { openCallBrowser } from "./call_browser.ts";
import type { Page, Profile, TestBrowser } from "./browser.ts";
import type { FaultyPath } from "./faulty_path.ts";

/** The element that shows and plays what the other side sends. */
export const REMOTE = "#remote";
const PAGE = `<!doctype html><title>Bare</title><link rel="icon" href="data:,">
<video id="remote" autoplay playsinline></video>`;

/** What a page of a bare call has for tests. */
interface BarePeer {
  readonly connection: RTCPeerConnection;
  readonly data: RTCDataChannel;
}

/** Two pages that call each other with a bare RTCPeerConnection each, without anything of ours in between. */
export interface BareCall extends AsyncDisposable {
  /** The page that offers, and the one that answers. */
  readonly pages: readonly [Page, Page];
  /** From the beginning of the offer to the first picture of the other side, at the page that offers. */
  readonly firstFrameMs: number;
  /** Has an ICE restart done by the page that offers. */
  restart(): Promise<void>;
  /** Sends bytes from one page to the other, as fast as a data channel takes them; returns bytes a second. */
  sendData(sizeBytes: number): Promise<number>;
}

export interface BareCallOptions {
  /** What passes between the browsers. */
  readonly path?: FaultyPath;
  /** Of both connections. */
  readonly configuration?: RTCConfiguration;
}

/** Calls with camera and microphone. */
export async function openBareCall({ path, configuration = {} }: BareCallOptions = {}): Promise<BareCall> {
  await using opened = new AsyncDisposableStack();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(PAGE, { headers: { "Content-Type": "text/html" } }),
  );
  opened.defer(() => server.shutdown());
  const browser: TestBrowser = opened.use(await openCallBrowser());
  const profile: Profile = opened.use(await browser.openProfile());
  const url = `http://127.0.0.1:${server.addr.port}/`;
  const openPeer = async () => {
    const page = await profile.openPage();
    await path?.lead(page);
    await page.goto(url);
    await page.evaluate(openConnection, configuration);
    return page;
  };
  const pages = [await openPeer(), await openPeer()] as const;
  const [offering, answering] = pages;
  // The camera and the microphone are on before, as in the lobby of a call.
  const firstFrameMs = await offering.evaluate(async () => {
    const video = document.querySelector<HTMLVideoElement>("#remote");
    const { promise, resolve } = Promise.withResolvers<number>();
    video?.requestVideoFrameCallback(resolve);
    const startedAt = performance.now();
    await (globalThis as unknown as { offer(): Promise<void> }).offer();
    return await promise - startedAt;
  });
  const closing = opened.move();
  return {
    pages,
    firstFrameMs,
    restart: () =>
      offering.evaluate(async () => {
        const { connection, offer } = globalThis as unknown as BarePeer & { offer(): Promise<void> };
        connection.restartIce();
        await offer();
      }),
    sendData: (sizeBytes) => rawDataRate(offering, answering, sizeBytes),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

/** Sends bytes over the channel that both pages have as `data`, as fast as it takes them; returns bytes a second. */
export async function rawDataRate(from: Page, to: Page, sizeBytes: number): Promise<number> {
  await to.evaluate(expectData, sizeBytes);
  const startedAt = performance.now();
  await from.evaluate(sendData, sizeBytes);
  await to.evaluate(() => (globalThis as unknown as { allReceived: Promise<void> }).allReceived);
  return sizeBytes / (performance.now() - startedAt) * 1_000;
}

/** Runs in the page: a connection with a camera, a microphone and a data channel, signaled to the other page. */
async function openConnection(configuration: RTCConfiguration): Promise<void> {
  const connection = new RTCPeerConnection({ bundlePolicy: "max-bundle", ...configuration });
  const data = connection.createDataChannel("data", { negotiated: true, id: 0 });
  data.binaryType = "arraybuffer";
  const channel = new BroadcastChannel("signals");
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
  for (const track of stream.getTracks()) connection.addTrack(track, stream);
  connection.ontrack = ({ streams: [remote] }) => {
    const video = document.querySelector<HTMLVideoElement>("#remote");
    if (video !== null && remote !== undefined) video.srcObject = remote;
  };
  connection.onicecandidate = ({ candidate }) =>
    channel.postMessage({ candidate: candidate?.toJSON() ?? null });
  const describe = async () => {
    await connection.setLocalDescription();
    channel.postMessage({ description: connection.localDescription?.toJSON() });
  };
  let turn = Promise.resolve();
  channel.onmessage = ({ data: { candidate, description } }) => {
    // In order: a candidate belongs to the description before it.
    turn = turn.then(async () => {
      if (description === undefined) return await connection.addIceCandidate(candidate ?? undefined);
      await connection.setRemoteDescription(description);
      if (description.type === "offer") await describe();
    });
  };
  Object.assign(globalThis, { connection, data, offer: describe });
}

/** Runs in the page. */
async function sendData(sizeBytes: number): Promise<void> {
  const [chunkBytes, lowBytes, highBytes] = [65_536, 262_144, 1_048_576];
  const { data } = globalThis as unknown as BarePeer;
  if (data.readyState !== "open") await new Promise((resolve) => data.onopen = resolve);
  data.bufferedAmountLowThreshold = lowBytes;
  const chunk = new Uint8Array(chunkBytes);
  for (let sent = 0; sent < sizeBytes; sent += chunkBytes) {
    if (data.bufferedAmount > highBytes) {
      await new Promise((resolve) => data.onbufferedamountlow = resolve);
    }
    data.send(chunk.subarray(0, Math.min(chunkBytes, sizeBytes - sent)));
  }
}

/** Runs in the page: `allReceived` resolves with the last byte. */
function expectData(sizeBytes: number): void {
  const { data } = globalThis as unknown as BarePeer;
  const { promise, resolve } = Promise.withResolvers<void>();
  let receivedBytes = 0;
  data.onmessage = ({ data: chunk }) => {
    receivedBytes += (chunk as ArrayBuffer).byteLength;
    if (receivedBytes >= sizeBytes) resolve();
  };
  Object.assign(globalThis, { allReceived: promise });
}
