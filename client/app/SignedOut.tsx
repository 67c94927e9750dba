import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { Sheet } from "../session/Sheet.tsx";
import { Button } from "../ui/Button.tsx";
import { Bubbles } from "../ui/Bubbles.tsx";
import { Countdown } from "../ui/Countdown.tsx";
import { MirrorLink } from "../ui/MirrorLink.tsx";
import type { AppModel } from "./app_model.ts";
import type { LatePart } from "./late_part.ts";

/** Props of `SignedOut`. */
export interface SignedOutProps {
  readonly model: AppModel;
  readonly part: LatePart<typeof import("./SignedOutPages.tsx")>;
}

/** Everything that is shown before the user is signed in. */
export function SignedOut({ model, part }: SignedOutProps): JSX.Element {
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
      <Sheet
        workspaceName={model.workspaceName.value}
        title="The server is not responding"
        lead={state.failure.text}
      >
        <p class="card-foot" role="status">
          <span aria-hidden="true">
            Trying again in <Countdown until={state.retryAt} />.
          </span>
          <span class="visually-hidden">Trying again automatically.</span> <MirrorLink />
        </p>
        <Button
          class="go"
          kind="primary"
          icon="refresh"
          onClick={() => void session.load()}
        >
          Try now
        </Button>
      </Sheet>
    );
  }
  if (pages === null || (state.type === "loading" && !isReset)) {
    return (
      <main class="splash" aria-busy="true">
        <h1 class="visually-hidden">Loading Parley</h1>
        <Bubbles />
      </main>
    );
  }
  return <pages.SignedOutPages model={model} />;
}
