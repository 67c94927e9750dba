import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { Button } from "../ui/Button.tsx";
import { FormFailure } from "../ui/FormFailure.tsx";
import { Icon } from "../ui/Icon.tsx";
import { LATE_ICONS } from "../ui/late_icons.ts";
import { PasswordField } from "../ui/PasswordField.tsx";
import { SubmitModel } from "../ui/submit_model.ts";
import { TextField } from "../ui/TextField.tsx";
import { Sheet } from "./Sheet.tsx";
import type { SessionModel, SignedOutReason } from "./session_model.ts";
import { signIn } from "./sign_in.ts";

const REASONS: Record<SignedOutReason, string | null> = {
  none: null,
  signed_out: null,
  session_ended: "Your session on this device has ended. Sign in again.",
  deactivated: "This account was deactivated. Ask an admin if you did not expect this.",
};

/** The sign-in form, with the reason if the session has ended. */
export function SignIn(
  { model, reason, workspaceName }: { model: SessionModel; reason: SignedOutReason; workspaceName: string },
): JSX.Element {
  const submit = useMemo(() =>
    new SubmitModel({
      texts: { rate_limited: "Too many attempts with this name or from your address." },
      fields: { bad_credentials: "password" },
    }), []);
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const why = REASONS[reason];

  const send = (event: Event) => {
    event.preventDefault();
    if (name.trim() === "") return submit.refuse("name", "Enter your name");
    if (password === "") return submit.refuse("password", "Enter your password");
    void submit.run(() => signIn(model, name, password));
  };
  return (
    <Sheet
      workspaceName={workspaceName}
      title="Welcome back"
      lead="Sign in to continue where you left off."
      foot="New here? Ask for an invite link. Just installed? Open the setup link that the server printed."
    >
      {why === null ? null : (
        <p class="card-reason" role="status">
          <Icon name={LATE_ICONS.info} />
          {why}
        </p>
      )}
      <form onSubmit={send} noValidate>
        <TextField
          label="Name"
          name="username"
          autocomplete="username"
          autocapitalize="off"
          spellcheck={false}
          autofocus
          value={name}
          onText={setName}
          error={submit.issue("name")}
        />
        <PasswordField
          label="Password"
          name="password"
          autocomplete="current-password"
          value={password}
          onText={setPassword}
          error={submit.issue("password")}
        />
        <FormFailure model={submit} fields={["name", "password"]} />
        <Button class="go" kind="primary" type="submit" isBusy={submit.isBusy.value}>Sign in</Button>
      </form>
    </Sheet>
  );
}
