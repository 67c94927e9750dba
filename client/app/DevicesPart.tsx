import "../base.ts";

export { CaptureFailures } from "../calls/CaptureFailures.tsx";
export { DeviceChoice } from "../calls/DeviceChoice.tsx";
