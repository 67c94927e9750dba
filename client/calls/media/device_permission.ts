/** Devices that are captured by name. */
export type DeviceKind = "mic" | "cam";

/** Finds what the browser says about a permission; null if it says nothing. */
export async function queryPermission(kind: DeviceKind): Promise<PermissionStatus | null> {
  try {
    // TypeScript does not know the names that all browsers know.
    const name = (kind === "mic" ? "microphone" : "camera") as PermissionName;
    return await navigator.permissions.query({ name });
  } catch {
    return null;
  }
}

/** The present state of a permission; null if the browser does not say. */
export async function readPermission(kind: DeviceKind): Promise<PermissionState | null> {
  return (await queryPermission(kind))?.state ?? null;
}
