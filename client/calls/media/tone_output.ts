import { isRepeated } from "./tone_shapes.ts";
import type { ToneName } from "./tone_shapes.ts";

export { renderTone } from "./tone_shapes.ts";

const FADE_SECONDS = 0.08;
/** Contexts that were interrupted never end what they play. */
const END_GRACE_MS = 500;

/** Options of `playBuffer`. */
export interface PlayOptions {
  readonly name: ToneName;
  readonly buffer: AudioBuffer;
  readonly stop: AbortSignal;
}

/** Where a tone sounds, until it is disposed of. */
export interface Output extends Disposable {
  readonly node: AudioNode;
}

/** Opens a loudspeaker. Only elements play on a chosen loudspeaker in all browsers that let one choose. */
export async function openOutput(context: AudioContext, sink: string): Promise<Output> {
  if (sink === "") return { node: context.destination, [Symbol.dispose]() {} };
  const node = context.createMediaStreamDestination();
  const element = new Audio();
  element.srcObject = node.stream;
  const close = () => {
    element.pause();
    element.srcObject = null;
    for (const track of node.stream.getTracks()) track.stop();
  };
  await element.setSinkId(sink).catch(() => {});
  await element.play().catch(() => {});
  return { node, [Symbol.dispose]: close };
}

/** Plays a rendered tone; resolves when it is over. */
export async function playBuffer(
  context: AudioContext,
  output: AudioNode,
  { name, buffer, stop }: PlayOptions,
): Promise<void> {
  const gain = context.createGain();
  const source = context.createBufferSource();
  source.buffer = buffer;
  source.loop = isRepeated(name);
  source.connect(gain).connect(output);
  const { promise, resolve } = Promise.withResolvers<void>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const endWithin = (seconds: number) => timer = setTimeout(resolve, seconds * 1_000 + END_GRACE_MS);
  const fade = () => {
    gain.gain.setTargetAtTime(0, context.currentTime, FADE_SECONDS / 4);
    source.stop(context.currentTime + FADE_SECONDS);
    clearTimeout(timer);
    endWithin(FADE_SECONDS);
  };
  source.addEventListener("ended", () => resolve(), { once: true });
  stop.addEventListener("abort", fade, { once: true });
  source.start();
  if (!source.loop) endWithin(buffer.duration);
  await promise;
  clearTimeout(timer);
  stop.removeEventListener("abort", fade);
  source.disconnect();
  gain.disconnect();
}
