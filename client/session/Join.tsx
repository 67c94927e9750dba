import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { Me } from "../../shared/user.ts";
import { Button } from "../ui/Button.tsx";
import { FormFailure } from "../ui/FormFailure.tsx";
import { SubmitModel } from "../ui/submit_model.ts";
import { JoinForm } from "./JoinForm.tsx";
import { Sheet } from "./Sheet.tsx";
import type { InvitePreview, SessionModel } from "./session_model.ts";

/** Props of `Join`. */
export interface JoinProps {
  readonly model: SessionModel;
  readonly code: string;
  /** Set if a user is already signed in. */
  readonly me: Me | null;
  readonly workspaceName: string;
  readonly onLeave: () => void;
}

/** Shows where an invite leads, and the form to join. */
export function Join({ model, code, me, workspaceName, onLeave }: JoinProps): JSX.Element {
  const [preview, setPreview] = useState<InvitePreview | null>(null);
  const look = useMemo(() => new SubmitModel(), [code]);
  const ask = () =>
    void look.run(async () => setPreview(await model.api.invites.preview.query({ invite: code })));
  useEffect(() => {
    if (code === "" || me !== null) return;
    ask();
  }, [code, me === null]);

  if (me !== null) {
    return (
      <Sheet
        workspaceName={workspaceName}
        title={`You are already signed in, ${me.name}`}
        lead="This invite link creates a new account. To use it for someone else, open it in another browser."
      >
        <Button class="go" kind="primary" onClick={onLeave}>Go to your rooms</Button>
      </Sheet>
    );
  }
  if (code === "") {
    return (
      <Sheet
        workspaceName={workspaceName}
        title="This link is incomplete"
        lead="The part after # is missing. Copy the whole invite link, or ask for a new one."
      >
        <Button class="go" onClick={onLeave}>Sign in instead</Button>
      </Sheet>
    );
  }
  if (preview !== null) {
    return <JoinForm model={model} code={code} preview={preview} onSignIn={onLeave} />;
  }
  const failure = look.failure.value;
  if (failure === null) return <Sheet workspaceName={workspaceName} title="Loading the invite…" />;
  return (
    <Sheet workspaceName={workspaceName} title="This invite link does not work">
      <FormFailure model={look} fields={[]} />
      {failure.code === "invite_invalid"
        ? <Button class="go" onClick={onLeave}>Sign in instead</Button>
        : <Button class="go" kind="primary" isBusy={look.isBusy.value} onClick={ask}>Try again</Button>}
    </Sheet>
  );
}
