import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { Sheet } from "../session/Sheet.tsx";
import { Button } from "../ui/Button.tsx";
import { Bubbles } from "../ui/Bubbles.tsx";
import { Countdown } from "../ui/Countdown.tsx";
import type { AppModel } from "./app_model.ts";
import type { DoorPages } from "./DoorPages.tsx";
import type { LatePart } from "./late_part.ts";

/** What is fetched for who is not signed in. */
export interface DoorPart {
  readonly DoorPages: typeof DoorPages;
}

/** Everything that is shown before the rooms. */
export function Doors({ model, part }: { model: AppModel; part: LatePart<DoorPart> }): JSX.Element {
  const { session, router } = model;
  const state = session.state.value;
  const isReset = router.place.value.type === "reset";
  const isWanted = isReset || state.type === "signed_out" || state.type === "signed_in";
  useEffect(() => {
    if (isWanted) void part.load();
  }, [isWanted, part]);
  const pages = part.value.value;

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
  if (pages === null || (state.type === "loading" && !isReset)) {
    return (
      <main class="splash" aria-busy="true">
        <h1 class="visually-hidden">Parley is opening</h1>
        <Bubbles />
      </main>
    );
  }
  return <pages.DoorPages model={model} />;
}
