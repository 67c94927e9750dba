const SAMPLE_RATE = 48_000;
const HEADER_BYTES = 44;
const TONE_HERTZ = 220;

/** A file for the microphone of a test browser: a tone of one second, as loud as `level` from 0 to 1. */
export async function writeWav(level: number): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await Deno.makeTempFile({ prefix: "parley-mic-", suffix: ".wav" });
  const view = new DataView(new ArrayBuffer(HEADER_BYTES + SAMPLE_RATE * 2));
  const words = [
    ["RIFF", view.byteLength - 8],
    ["WAVE"],
    ["fmt ", 16],
  ] as const;
  let at = 0;
  for (const [name, size] of words) {
    for (const letter of name) view.setUint8(at++, letter.charCodeAt(0));
    if (size !== undefined) view.setUint32(at, size, true);
    at += size === undefined ? 0 : 4;
  }
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, SAMPLE_RATE, true);
  view.setUint32(28, SAMPLE_RATE * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  for (const [index, letter] of [..."data"].entries()) view.setUint8(36 + index, letter.charCodeAt(0));
  view.setUint32(40, SAMPLE_RATE * 2, true);
  for (let index = 0; index < SAMPLE_RATE; index++) {
    const sample = Math.sin(2 * Math.PI * TONE_HERTZ * index / SAMPLE_RATE) * level * 32_767;
    view.setInt16(HEADER_BYTES + index * 2, sample, true);
  }
  await Deno.writeFile(path, new Uint8Array(view.buffer));
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path) };
}
