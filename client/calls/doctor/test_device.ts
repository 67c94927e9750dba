import { readCaptureFailure } from "../media/capture_failure.ts";
import { readPermission } from "../media/device_permission.ts";
import type { DeviceKind } from "../media/device_permission.ts";
import type { DeviceFinding } from "./findings.ts";

/** What to test. */
export interface TestedDevice {
  /** The track that a call sends; null to start the device for the test. */
  readonly track: MediaStreamTrack | null;
  /** The chosen device; null for the browser's choice. */
  readonly deviceId: string | null;
  readonly signal: AbortSignal;
}

/** Starts a device, has it tested and stops it. */
export async function testDevice(
  kind: DeviceKind,
  device: TestedDevice,
  test: (track: MediaStreamTrack) => Promise<"works" | "silent" | "unmeasured">,
): Promise<DeviceFinding> {
  let track: MediaStreamTrack;
  try {
    track = await captureTrack(kind, device);
  } catch (error) {
    const permission = await readPermission(kind);
    return { state: "failed", failure: readCaptureFailure(error, { kind, permission }) };
  }
  try {
    device.signal.throwIfAborted();
    return { state: await test(track), label: track.label };
  } finally {
    track.stop();
  }
}

async function captureTrack(kind: DeviceKind, { track, deviceId }: TestedDevice): Promise<MediaStreamTrack> {
  if (track?.readyState === "live") return track.clone();
  const constraints = deviceId === null ? true : { deviceId: { ideal: deviceId } };
  const stream = await navigator.mediaDevices.getUserMedia({
    [kind === "mic" ? "audio" : "video"]: constraints,
  });
  const [captured] = stream.getTracks();
  if (captured === undefined) throw new DOMException("No track", "NotFoundError");
  return captured;
}
