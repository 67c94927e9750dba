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

/** What happened, and what to do about it. */
export interface FailureText {
  readonly title: string;
  readonly advice: string;
}

const DEVICES: Readonly<Record<MediaKind, string>> = {
  mic: "microphone",
  cam: "camera",
  screen: "screen",
  screenAudio: "sound of the screen",
};

/** Says in two sentences what happened and how to mend it in this browser. */
export function describeCaptureFailure(
  { kind, reason, browser, isPhone, label }: CaptureFailure,
): FailureText {
  const device = DEVICES[kind];
  const named = label === null || label === "" ? `The ${device}` : `“${label}”`;
  switch (reason) {
    case "refused":
      return {
        title: kind === "screen" ? "Your screen cannot be shared" : `Parley may not use your ${device}`,
        advice: kind === "screen" || kind === "screenAudio"
          ? "Allow the browser to record the screen in the settings of your system, then try again."
          : allowAdvice(device, browser, isPhone),
      };
    case "cancelled":
      return {
        title: `Your ${device} was not allowed yet`,
        advice: "Try again, and choose “Allow” when the browser asks.",
      };
    case "busy":
      return {
        title: `${named} is in use by another program`,
        advice: "Close other programs and tabs that use it, then try again.",
      };
    case "missing":
      return {
        title: label === null || label === "" ? `No ${device} was found` : `${named} is not connected`,
        advice: `Connect it, or choose another ${device}.`,
      };
    case "unsupported":
      return {
        title: `This browser cannot use your ${device}`,
        advice: "Open Parley over HTTPS in a current Chrome, Edge, Firefox or Safari.",
      };
    case "failed":
      return {
        title: `${named} did not start`,
        advice: "Try again. If that does not help, reconnect it or restart the browser.",
      };
  }
}

function allowAdvice(device: string, browser: BrowserName, isPhone: boolean): string {
  if (browser === "safari" && isPhone) {
    return `Tap the page menu beside the address, choose Website Settings, and allow the ${device}.`;
  }
  switch (browser) {
    case "chrome":
      return isPhone
        ? `Tap the icon beside the address, then Permissions, and allow the ${device}.`
        : `Click the icon beside the address, allow the ${device}, and try again.`;
    case "firefox":
      return `Click the crossed-out ${device} beside the address, remove “Blocked”, and try again.`;
    case "safari":
      return `Choose Safari › Settings for This Website, set the ${device} to Allow, and try again.`;
    case "other":
      return `Allow the ${device} for this site in the settings of your browser, and try again.`;
  }
}
