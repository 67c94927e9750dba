import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { Button } from "../ui/Button.tsx";
import { SwitchRow } from "../ui/SwitchRow.tsx";
import type { PushModel, PushState } from "./push_model.ts";

const WHY_NOT: Readonly<Partial<Record<PushState, string>>> = {
  insecure: "Not possible at this address: browsers want HTTPS for it. Ask whoever runs this server.",
  server_off:
    "Not possible: push notifications are off on this server. Whoever runs it can switch them on: they need an https address and PUSH_HOSTS.",
  browser:
    "Not possible: this browser has no push notifications. Current versions of Firefox, Chrome, Edge and Safari have them, but not in private windows.",
  home_screen:
    "On iPhone and iPad, Parley must be on the home screen: tap Share, then “Add to Home Screen”, and open it there.",
};

/** Whether this device is told of messages while Parley is closed: a switch, and a test. */
export function PushPart({ model }: { readonly model: PushModel }): JSX.Element {
  useEffect(() => void model.load(), [model]);
  const state = model.state.value;
  const isOn = state === "on";
  const words = state === "blocked" ? howToAllow(navigator.userAgent) : WHY_NOT[state];
  return (
    <>
      <SwitchRow
        class="spaced"
        label="Notifications on this device"
        isOn={isOn}
        isDisabled={model.isBusy.value || !(isOn || state === "off")}
        onToggle={(box) => {
          void (box.checked ? model.turnOn() : model.turnOff());
          // What it shows is decided by the browser and the server.
          box.checked = isOn;
        }}
      >
        {words ?? "Also while Parley is closed."}
      </SwitchRow>
      {isOn
        ? (
          <Button class="go" isBusy={model.isBusy.value} onClick={() => void model.test()}>
            Send a test
          </Button>
        )
        : null}
      <p class="hint" role="status">{model.notice.value}</p>
    </>
  );
}

/** Says in plain words where notifications that were refused are allowed again. */
function howToAllow(userAgent: string): string {
  const blocked = "This browser blocks notifications from Parley.";
  if (/\b(?:iPhone|iPad)\b/.test(userAgent)) {
    return `${blocked} Allow them in Settings → Notifications → Parley.`;
  }
  if (/\bAndroid\b/.test(userAgent)) {
    return `${blocked} Tap the icon left of the address, then Permissions → Notifications → Allow.`;
  }
  if (/\bFirefox\//.test(userAgent)) {
    return `${blocked} Click the crossed-out speech bubble left of the address, and remove the block.`;
  }
  if (/\b(?:Chrome|HeadlessChrome|Edg)\//.test(userAgent)) {
    return `${blocked} Click the icon left of the address, and switch Notifications on.`;
  }
  return `${blocked} Allow them in Safari → Settings → Websites → Notifications.`;
}
