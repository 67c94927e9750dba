import type { MediaKind } from "../../../shared/call/call_types.ts";

/**
 * Why something is not captured:
 *
 * - refused: by the person, the browser or the system, and asking again changes nothing
 * - cancelled: the question was closed without an answer
 * - busy: another program has the device
 * - missing: there is no such device
 * - unsupported: this browser cannot do it
 * - failed: anything else
 */
export type FailureReason = "refused" | "cancelled" | "busy" | "missing" | "unsupported" | "failed";

/** Browsers that are mended in different ways. */
export type BrowserName = "chrome" | "firefox" | "safari" | "other";

/** Why something is not captured, and what is needed to say how to mend it. */
export interface CaptureFailure {
  readonly kind: MediaKind;
  readonly reason: FailureReason;
  readonly browser: BrowserName;
  readonly isPhone: boolean;
  /** The device that was asked for by name. */
  readonly label: string | null;
}

/** What a failure is told with. */
export interface FailureContext {
  readonly kind: MediaKind;
  readonly label?: string | null;
  /** What the browser knows about the permission, after the failure. */
  readonly permission?: PermissionState | null;
  readonly userAgent?: string;
}

/** Reads what `getUserMedia` or `getDisplayMedia` rejected with. */
export function readCaptureFailure(error: unknown, context: FailureContext): CaptureFailure {
  const { kind, label = null, permission = null, userAgent = navigator.userAgent } = context;
  return {
    kind,
    reason: reasonOf(error, kind, permission),
    browser: browserNameOf(userAgent),
    isPhone: /\b(?:iPhone|iPad|Android|Mobile)\b/.test(userAgent),
    label,
  };
}

function reasonOf(error: unknown, kind: MediaKind, permission: PermissionState | null): FailureReason {
  const { name, message } = error instanceof Error || error instanceof DOMException ? error : new Error();
  switch (name) {
    case "NotAllowedError":
      if (/\bsystem\b/i.test(message)) return "refused";
      // Whoever closes the dialog of a shared screen has changed their mind; the browser says the same for a refusal.
      return kind === "screen" || permission === "prompt" ? "cancelled" : "refused";
    case "SecurityError":
      return "refused";
    case "AbortError":
      return kind === "screen" ? "cancelled" : "failed";
    case "NotReadableError":
      return "busy";
    case "NotFoundError":
    case "OverconstrainedError":
      return "missing";
    // There is no `mediaDevices` outside of a secure context.
    case "NotSupportedError":
    case "TypeError":
      return "unsupported";
    default:
      return "failed";
  }
}

/** Names the browser by its user agent. Every browser of an iPhone is Safari underneath. */
export function browserNameOf(userAgent: string): BrowserName {
  if (/\b(?:iPhone|iPad)\b/.test(userAgent)) return "safari";
  if (/\bFirefox\//.test(userAgent)) return "firefox";
  if (/\b(?:Chrome|HeadlessChrome)\//.test(userAgent)) return "chrome";
  return /\bSafari\//.test(userAgent) ? "safari" : "other";
}
