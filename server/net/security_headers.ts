/** What our pages may load; the same policy for every answer (W3C CSP 3, Trusted Types). */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "font-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types parley",
].join("; ");

/** Browser features that are switched off: all except what calls need. */
const OFF_FEATURES = [
  "accelerometer",
  "ambient-light-sensor",
  "attribution-reporting",
  "autoplay",
  "bluetooth",
  "browsing-topics",
  "compute-pressure",
  "encrypted-media",
  "fullscreen",
  "gamepad",
  "geolocation",
  "gyroscope",
  "hid",
  "identity-credentials-get",
  "idle-detection",
  "local-fonts",
  "magnetometer",
  "midi",
  "otp-credentials",
  "payment",
  "picture-in-picture",
  "publickey-credentials-create",
  "publickey-credentials-get",
  "screen-wake-lock",
  "serial",
  "storage-access",
  "usb",
  "web-share",
  "window-management",
  "xr-spatial-tracking",
];

const PERMISSIONS_POLICY = [
  "camera=(self)",
  "microphone=(self)",
  "display-capture=(self)",
  ...OFF_FEATURES.map((feature) => `${feature}=()`),
].join(", ");

const ONE_YEAR_S = 31_536_000;

/** Returns the headers of every answer. `isHttps` says whether people use https. */
export function securityHeaders(isHttps: boolean): readonly (readonly [name: string, value: string])[] {
  return [
    ["Content-Security-Policy", CONTENT_SECURITY_POLICY],
    ["Permissions-Policy", PERMISSIONS_POLICY],
    ["Cross-Origin-Opener-Policy", "same-origin"],
    ["Cross-Origin-Resource-Policy", "same-origin"],
    ["Referrer-Policy", "no-referrer"],
    ["X-Content-Type-Options", "nosniff"],
    // Static files override this; everything else is for one reader at one moment.
    ["Cache-Control", "no-store"],
    ...(isHttps ? [["Strict-Transport-Security", `max-age=${ONE_YEAR_S}`] as const] : []),
  ];
}
