import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { PASSWORD_MIN_CHARACTERS_ADMIN } from "../../shared/limits.ts";
import { Button } from "../ui/Button.tsx";
import { FormFailure } from "../ui/FormFailure.tsx";
import { SubmitModel } from "../ui/submit_model.ts";
import { NewPasswordField } from "./NewPasswordField.tsx";
import { findPasswordProblem } from "./password.ts";
import { Sheet } from "./Sheet.tsx";
import type { SessionModel } from "./session_model.ts";
import { checkReset, resetPassword } from "./sign_in.ts";

/** Props of `ResetPassword`. */
export interface ResetPasswordProps {
  readonly model: SessionModel;
  readonly token: string;
  readonly workspaceName: string;
  readonly onLeave: () => void;
}

/** A new password by a link that an admin made. */
export function ResetPassword({ model, token, workspaceName, onLeave }: ResetPasswordProps): JSX.Element {
  const submit = useMemo(() => new SubmitModel(), []);
  const [password, setPassword] = useState("");
  const [isChecked, setChecked] = useState(false);
  const look = useMemo(() => new SubmitModel(), [token]);
  const check = () =>
    void look.run(async () => {
      await checkReset(model, token);
      setChecked(true);
    });
  useEffect(() => {
    if (token !== "") check();
  }, [token]);

  const send = (event: Event) => {
    event.preventDefault();
    // Only the server knows the user's role, and so the minimum length.
    const problem = findPasswordProblem(password, "member");
    if (problem !== null) return submit.refuse("password", problem);
    void submit.run(() => resetPassword(model, token, password));
  };
  if (token === "") {
    return (
      <Sheet
        workspaceName={workspaceName}
        title="This link is incomplete"
        lead="The part after # is missing. Copy the whole reset link, or ask an admin for a new one."
      >
        <Button class="go" onClick={onLeave}>Sign in instead</Button>
      </Sheet>
    );
  }
  const failure = look.failure.value;
  if (failure !== null) {
    return (
      <Sheet workspaceName={workspaceName} title="This reset link does not work">
        <FormFailure model={look} fields={[]} />
        {failure.code === "reset_invalid"
          ? <Button class="go" onClick={onLeave}>Sign in instead</Button>
          : <Button class="go" kind="primary" isBusy={look.isBusy.value} onClick={check}>Try again</Button>}
      </Sheet>
    );
  }
  if (!isChecked) return <Sheet workspaceName={workspaceName} title="Checking the link…" />;
  return (
    <Sheet
      workspaceName={workspaceName}
      title="Choose a new password"
      lead={`You will be signed in here, and signed out everywhere else. Owners and admins need at least ${PASSWORD_MIN_CHARACTERS_ADMIN} characters.`}
    >
      <form onSubmit={send} noValidate>
        <NewPasswordField
          label="New password"
          autofocus
          value={password}
          onText={setPassword}
          role="member"
          error={submit.issue("password")}
        />
        <FormFailure model={submit} fields={["password"]} />
        <Button class="go" kind="primary" type="submit" isBusy={submit.isBusy.value}>
          Save and sign in
        </Button>
      </form>
    </Sheet>
  );
}
