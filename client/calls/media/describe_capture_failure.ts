import type { MediaKind } from "../../../shared/call/call_types.ts";
import type { BrowserName, CaptureFailure } from "./capture_failure.ts";

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
