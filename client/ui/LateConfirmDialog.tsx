import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ConfirmDialog, ConfirmDialogProps } from "./ConfirmDialog.tsx";
import { withLateStyle } from "./late_style.ts";

/** A `ConfirmDialog`, fetched with the other dialogs. If this fails it closes, and the next click tries again. */
export function LateConfirmDialog(props: ConfirmDialogProps): JSX.Element | null {
  const [part, setPart] = useState<{ readonly ConfirmDialog: typeof ConfirmDialog } | null>(null);
  useEffect(() => void withLateStyle(import("./ConfirmDialog.tsx")).then(setPart, props.onClose), []);
  return part === null ? null : <part.ConfirmDialog {...props} />;
}
