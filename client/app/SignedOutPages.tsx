import "../base.ts";
import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { Join } from "../session/Join.tsx";
import { ResetPassword } from "../session/ResetPassword.tsx";
import { Setup } from "../session/Setup.tsx";
import { SignIn } from "../session/SignIn.tsx";
import { withLateStyle } from "../ui/late_style.ts";
import type { AppModel } from "./app_model.ts";
import { LatePart } from "./late_part.ts";

/** The form is drawn by then, and the network is idle. */
const FETCH_AFTER_MS = 2_000;

const fetchStatus = () => withLateStyle(import("./StatusPart.tsx"));

/** Setup, invitation, password reset and sign-in; never loaded by signed-in users. */
export function SignedOutPages({ model }: { model: AppModel }): JSX.Element {
  const status = useMemo(() => new LatePart(fetchStatus), []);
  useEffect(() => {
    const timer = setTimeout(() => void status.load(), FETCH_AFTER_MS);
    return () => clearTimeout(timer);
  }, [status]);
  const part = status.value.value;
  return (
    <>
      {part === null ? null : <part.SignInStatus />}
      <OpenPage model={model} />
    </>
  );
}

function OpenPage({ model }: { model: AppModel }): JSX.Element {
  const { session, router } = model;
  const state = session.state.value;
  const place = router.place.value;
  const workspaceName = model.workspaceName.value;
  const leave = () => router.go({ type: "home" }, "replace");

  if (place.type === "reset") {
    return (
      <ResetPassword model={session} token={place.secret} workspaceName={workspaceName} onLeave={leave} />
    );
  }
  if (place.type === "setup") return <Setup model={session} token={place.secret} onSignIn={leave} />;
  if (place.type === "join") {
    const me = session.me.value;
    return <Join model={session} code={place.secret} me={me} workspaceName={workspaceName} onLeave={leave} />;
  }
  const reason = state.type === "signed_out" ? state.reason : "none";
  return <SignIn model={session} reason={reason} workspaceName={workspaceName} />;
}
