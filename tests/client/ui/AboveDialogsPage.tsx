import { signal } from "@preact/signals";
import { render } from "preact";
import { useRef } from "preact/hooks";
import { Dialog } from "../../../client/ui/Dialog.tsx";
import { useAboveDialogs } from "../../../client/ui/use_above_dialogs.ts";

/** A card beside two dialogs, one over the other. Run in a browser by above_dialogs_browser_test.ts. */
const open = signal<readonly string[]>([]);
const answers = signal(0);
const isShown = signal(false);

function Card() {
  const ref = useRef<HTMLDivElement>(null);
  useAboveDialogs(ref, isShown.value);
  return (
    <div>
      <div ref={ref} class="ring-cards">
        {isShown.value
          ? <button type="button" onClick={() => answers.value++}>Answer {answers.value}</button>
          : null}
      </div>
    </div>
  );
}

function Page() {
  return (
    <>
      <h1>Parts</h1>
      <Card />
      {open.value.map((title) => (
        <Dialog
          key={title}
          title={title}
          onClose={() => open.value = open.value.slice(0, -1)}
        >
          <input autofocus aria-label={`Field of ${title}`} />
        </Dialog>
      ))}
    </>
  );
}

Object.assign(globalThis, {
  parts: {
    /** Opens these dialogs, one over the other, and closes all others. */
    show: (titles: readonly string[]) => open.value = titles,
    ring: (isOn: boolean) => isShown.value = isOn,
  },
});

const place = document.getElementById("app");
if (place !== null) render(<Page />, place);
