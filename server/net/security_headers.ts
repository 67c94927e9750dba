/** What our pages may load; the same policy for every answer (W3C CSP 3, Trusted Types). */
const contentSecurityPolicy = (connectTo: readonly string[]) =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob: data:",
    "media-src 'self' blob:",
    ["connect-src 'self'", ...connectTo].join(" "),
    "font-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types parley",
  ].join("; ");

/**
 * Browser features that are switched off: all that Chromium knows on every system, except what calls need. It complains
 * about each that it does not know.
 */
const OFF_FEATURES = [
  "accelerometer",
  "browsing-topics",
  "compute-pressure",
  "encrypted-media",
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
  "publickey-credentials-create",
  "publickey-credentials-get",
  "serial",
  "storage-access",
  "usb",
  "window-management",
  "xr-spatial-tracking",
];

/** What calls need, for our own pages alone. */
const CALL_FEATURES = [
  "camera",
  "microphone",
  "display-capture",
  "autoplay",
  "fullscreen",
  "picture-in-picture",
  "screen-wake-lock",
  "speaker-selection",
];

const PERMISSIONS_POLICY = [
  ...CALL_FEATURES.map((feature) => `${feature}=(self)`),
  ...OFF_FEATURES.map((feature) => `${feature}=()`),
].join(", ");

const ONE_YEAR_S = 31_536_000;

export interface SecurityHeaderOptions {
  /** Whether people use https. */
  readonly isHttps: boolean;
  /** Origins besides ours that pages may connect to. */
  readonly connectTo?: readonly string[];
}

/** Returns the headers of every answer. */
export function securityHeaders(
  { isHttps, connectTo = [] }: SecurityHeaderOptions,
): readonly (readonly [name: string, value: string])[] {
  return [
    ["Content-Security-Policy", contentSecurityPolicy(connectTo)],
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
