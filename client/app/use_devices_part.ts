import { useEffect } from "preact/hooks";
import { LatePart } from "./late_part.ts";

type DevicesPart = typeof import("./DevicesPart.tsx");

/** Most people keep the devices that they have, and those work. */
export const devicesPart = new LatePart<DevicesPart>(() => import("./DevicesPart.tsx"));

/** Returns the views of devices and their failures, which are loaded once they are needed; null before. */
export function useDevicesPart(isNeeded: boolean): DevicesPart | null {
  useEffect(() => {
    if (isNeeded) void devicesPart.load();
  }, [isNeeded]);
  return devicesPart.value.value;
}
