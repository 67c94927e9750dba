import type { ComponentChildren, JSX } from "preact";
import { IconButton } from "../ui/IconButton.tsx";

/** Props of `CallHint`. */
export interface CallHintProps {
  readonly children: ComponentChildren;
  /** A button that mends it. */
  readonly action?: { readonly label: string; readonly onClick: () => void };
  readonly onDismiss?: () => void;
}

/** A sentence above the controls, read out once. */
export function CallHint({ children, action, onDismiss }: CallHintProps): JSX.Element {
  return (
    <div class="call-hint" role="status">
      <span>{children}</span>
      {action === undefined
        ? null
        : <button type="button" class="button-link" onClick={action.onClick}>{action.label}</button>}
      {onDismiss === undefined
        ? null
        : <IconButton class="is-small" icon="x" label="Dismiss" onClick={onDismiss} />}
    </div>
  );
}
