import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Sheet } from "../session/Sheet.tsx";
import { Button } from "../ui/Button.tsx";
import { Bubbles } from "../ui/Bubbles.tsx";
import { Countdown } from "../ui/Countdown.tsx";
import type { AppModel } from "./app_model.ts";
import type { DoorPages } from "./DoorPages.tsx";

/** What is fetched for who is not signed in. */
interface DoorPart {
  readonly DoorPages: typeof DoorPages;
}

const RETRY_MS = 3_000;

/** Everything that is shown before the rooms. */
export function Doors({ model }: { model: AppModel }): JSX.Element {
  const { session, router } = model;
  const state = session.state.value;
  const isReset = router.place.value.type === "reset";
  const part = useDoorPart(isReset || state.type === "signed_out" || state.type === "signed_in");

  if (state.type === "unreachable" && !isReset) {
    return (
      <Sheet placeName={model.placeName.value} title="The server does not answer" lead={state.failure.text}>
        <p class="card-foot" role="status">
          <span aria-hidden="true">
            Trying again in <Countdown until={state.retryAt} />.
          </span>
          <span class="visually-hidden">Trying again by itself.</span>
        </p>
        <Button
          class="go"
          kind="primary"
          icon="refresh"
          onClick={() =>
            void session.load()}
        >
          Try now
        </Button>
      </Sheet>
    );
  }
  if (part === null || (state.type === "loading" && !isReset)) {
    return (
      <main class="splash" aria-busy="true">
        <h1 class="visually-hidden">Parley is opening</h1>
        <Bubbles />
      </main>
    );
  }
  return <part.DoorPages model={model} />;
}

/** Fetches the pages as soon as it is clear that they are needed, again and again while that fails. */
function useDoorPart(isWanted: boolean): DoorPart | null {
  const [part, setPart] = useState<DoorPart | null>(null);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    if (!isWanted || part !== null) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    import("./DoorPages.tsx").then(setPart, () => {
      timer = setTimeout(() => setTries(tries + 1), RETRY_MS);
    });
    return () => clearTimeout(timer);
  }, [isWanted, part, tries]);
  return part;
}
