import type { JSX } from "preact";
import { Icon } from "./Icon.tsx";
import { IconButton } from "./IconButton.tsx";
import type { ToastModel } from "./toast_model.ts";

/** The notes on the screen; the region exists from the start, so that screen readers hear the first one too. */
export function Toasts({ model }: { model: ToastModel }): JSX.Element {
  return (
    <div class="toasts" role="status">
      {model.toasts.value.map((toast) => (
        <div key={toast.id} class={`toast toast-${toast.kind}`}>
          <Icon name={toast.kind === "bad" ? "circleAlert" : "circleCheck"} />
          <span dir="auto">{toast.text}</span>
          <IconButton icon="x" label="Dismiss" onClick={() => model.dismiss(toast.id)} />
        </div>
      ))}
    </div>
  );
}
