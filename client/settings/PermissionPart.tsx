import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import { Button } from "../ui/Button.tsx";

const WORDS: Readonly<Record<NotificationPermission, string>> = {
  granted: "This device shows notifications while Parley is open and you are looking at something else.",
  default: "This device may not show notifications yet.",
  denied:
    "This browser blocks notifications from Parley. You can allow them in the browser’s settings for this site.",
};

/** Props of `PermissionPart`. */
export interface PermissionPartProps {
  /** What there is for while Parley is closed. */
  readonly children: ComponentChildren;
  /** Whether that says everything. */
  readonly isCovered: boolean;
  /** The user has answered the browser. */
  readonly onAnswer: () => void;
}

/** Whether this device may show notifications, and a button that asks the browser. */
export function PermissionPart({ children, isCovered, onAnswer }: PermissionPartProps): JSX.Element {
  const [permission, setPermission] = useState<NotificationPermission | null>(
    "Notification" in globalThis ? Notification.permission : null,
  );
  const ask = async () => {
    setPermission(await Notification.requestPermission());
    onAnswer();
  };
  return (
    <section class="page-part">
      <h4>This device</h4>
      {children}
      {isCovered ? null : (
        <p class="hint" role="status">
          {permission === null ? "This browser has no notifications." : WORDS[permission]}
        </p>
      )}
      {!isCovered && permission === "default"
        ? (
          <Button class="go" onClick={() => void ask()}>
            Allow notifications
          </Button>
        )
        : null}
    </section>
  );
}
