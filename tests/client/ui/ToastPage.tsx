import { signal } from "@preact/signals";
import { render } from "preact";
import { Dialog } from "../../../client/ui/Dialog.tsx";
import { ToastModel } from "../../../client/ui/toast_model.ts";
import { Toasts } from "../../../client/ui/Toasts.tsx";

/** A dialog that causes a toast. Run in a browser by toasts_browser_test.ts. */
const toasts = new ToastModel();
const isOpen = signal(true);

function Page() {
  return (
    <>
      <h1>Parts</h1>
      {isOpen.value
        ? (
          <Dialog title="Settings" onClose={() => isOpen.value = false}>
            <button type="button" onClick={() => toasts.show("That did not work", "bad")}>Cause</button>
          </Dialog>
        )
        : null}
      <Toasts model={toasts} />
    </>
  );
}

const place = document.getElementById("app");
if (place !== null) render(<Page />, place);
