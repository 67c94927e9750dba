import { readCaptureFailure } from "../media/capture_failure.ts";
import { readPermission } from "../media/device_permission.ts";
import type { DeviceKind } from "../media/device_permission.ts";
import type { WantedDevice } from "../media/devices_model.ts";
import type { DeviceFinding } from "./findings.ts";

/** What to test. */
export interface TestedDevice {
  /** The track that a call sends; null to start the device for the test. */
  readonly track: MediaStreamTrack | null;
  readonly wanted: WantedDevice;
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
    return {
      state: "failed",
      failure: readCaptureFailure(error, { kind, permission, label: device.wanted.label }),
    };
  }
  try {
    device.signal.throwIfAborted();
    return { state: await test(track), label: track.label };
  } finally {
    track.stop();
  }
}

async function captureTrack(
  kind: DeviceKind,
  { track, wanted: { id } }: TestedDevice,
): Promise<MediaStreamTrack> {
  if (track?.readyState === "live") return track.clone();
  // With `ideal`, browsers that list devices in their prompt take the one that is chosen there.
  const constraints = id === null ? true : { deviceId: { exact: id } };
  const stream = await navigator.mediaDevices.getUserMedia({
    [kind === "mic" ? "audio" : "video"]: constraints,
  });
  const [captured] = stream.getTracks();
  if (captured === undefined) throw new DOMException("No track", "NotFoundError");
  return captured;
}
