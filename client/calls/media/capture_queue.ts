import { readPermission } from "./device_permission.ts";
import type { DeviceKind } from "./device_permission.ts";

interface Request {
  readonly kind: DeviceKind;
  readonly constraints: MediaTrackConstraints;
  readonly resolve: (track: MediaStreamTrack) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Captures one after the other. A microphone and a camera that are asked for at the same time are one question of the
 * browser instead of two.
 */
export class CaptureQueue {
  #waiting: Request[] = [];
  #isRunning = false;

  /** Captures a device; rejects as `getUserMedia` does. */
  capture(kind: DeviceKind, constraints: MediaTrackConstraints): Promise<MediaStreamTrack> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ kind, constraints, resolve, reject });
      if (!this.#isRunning) this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    // What else is asked for in this turn comes along.
    await null;
    while (this.#waiting.length > 0) {
      const [first, ...others] = this.#waiting;
      if (first === undefined) break;
      const second = others.find(({ kind }) => kind !== first.kind);
      this.#waiting = others.filter((one) => one !== second);
      if (second === undefined) await captureOne(first);
      else await captureBoth(first, second);
    }
    this.#isRunning = false;
  }
}

async function captureOne({ kind, constraints, resolve, reject }: Request): Promise<void> {
  try {
    const stream = await open({ [kind === "mic" ? "audio" : "video"]: constraints });
    const [track] = stream.getTracks();
    if (track === undefined) throw new DOMException("The browser gave no track", "NotFoundError");
    resolve(track);
  } catch (error) {
    reject(error);
  }
}

async function captureBoth(first: Request, second: Request): Promise<void> {
  const [mic, cam] = first.kind === "mic" ? [first, second] : [second, first];
  let stream: MediaStream;
  try {
    stream = await open({ audio: mic.constraints, video: cam.constraints });
  } catch (error) {
    await captureEach(mic, cam, error);
    return;
  }
  for (const [request, tracks] of [[mic, stream.getAudioTracks()], [cam, stream.getVideoTracks()]] as const) {
    if (tracks[0] === undefined) await captureOne(request);
    else request.resolve(tracks[0]);
  }
}

/** One of them may work: a missing camera makes nobody silent. But a question that was closed is not asked again. */
async function captureEach(mic: Request, cam: Request, error: unknown): Promise<void> {
  const states = await Promise.all([readPermission("mic"), readPermission("cam")]);
  const wasAsked = error instanceof DOMException && error.name === "NotAllowedError" &&
    !states.includes("denied");
  for (const [index, request] of [mic, cam].entries()) {
    if (wasAsked && states[index] !== "granted") request.reject(error);
    else await captureOne(request);
  }
}

function open(constraints: MediaStreamConstraints): Promise<MediaStream> {
  // Outside of a secure context there is none.
  const devices: MediaDevices | undefined = navigator.mediaDevices;
  if (devices === undefined) {
    return Promise.reject(new DOMException("This page may not capture anything", "NotSupportedError"));
  }
  return devices.getUserMedia(constraints);
}
