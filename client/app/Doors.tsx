import type { JSX } from "preact";
import { Join } from "../session/Join.tsx";
import { ResetPassword } from "../session/ResetPassword.tsx";
import { Setup } from "../session/Setup.tsx";
import { Sheet } from "../session/Sheet.tsx";
import { SignIn } from "../session/SignIn.tsx";
import { Button } from "../ui/Button.tsx";
import { Bubbles } from "../ui/Bubbles.tsx";
import { Countdown } from "../ui/Countdown.tsx";
import type { AppModel } from "./app_model.ts";

/** Every page that is shown before the rooms. */
export function Doors({ model }: { model: AppModel }): JSX.Element {
  const { session, router } = model;
  const state = session.state.value;
  const place = router.place.value;
  const placeName = model.placeName.value;
  const leave = () => router.go({ type: "home" }, "replace");

  if (place.type === "reset") {
    return <ResetPassword model={session} token={place.secret} placeName={placeName} onLeave={leave} />;
  }
  if (state.type === "loading") {
    return (
      <main class="splash" aria-busy="true">
        <h1 class="visually-hidden">Parley is opening</h1>
        <Bubbles />
      </main>
    );
  }
  if (state.type === "unreachable") {
    return (
      <Sheet placeName={placeName} title="The server does not answer" lead={state.failure.text}>
        <p class="card-foot" role="status">
          <span aria-hidden="true">
            Trying again in <Countdown until={state.retryAt} />.
          </span>
          <span class="visually-hidden">Trying again by itself.</span>
        </p>
        <Button class="go" kind="primary" icon="refresh" onClick={() => void session.load()}>Try now</Button>
      </Sheet>
    );
  }
  if (place.type === "setup") return <Setup model={session} token={place.secret} onSignIn={leave} />;
  if (place.type === "join") {
    const me = session.me.value;
    return <Join model={session} code={place.secret} me={me} placeName={placeName} onLeave={leave} />;
  }
  const reason = state.type === "signed_out" ? state.reason : "none";
  return <SignIn model={session} reason={reason} placeName={placeName} />;
}
