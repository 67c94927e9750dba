import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { NAME_MAX_CHARACTERS } from "../../shared/limits.ts";
import { Button } from "../ui/Button.tsx";
import { FormFailure } from "../ui/FormFailure.tsx";
import { SubmitModel } from "../ui/submit_model.ts";
import { TextField } from "../ui/TextField.tsx";
import { NewPasswordField } from "./NewPasswordField.tsx";
import { findPasswordProblem } from "./password.ts";
import { Sheet } from "./Sheet.tsx";
import type { InvitePreview, SessionModel } from "./session_model.ts";
import { joinAsGuest, register } from "./sign_in.ts";

/** Props of `JoinForm`. */
export interface JoinFormProps {
  readonly model: SessionModel;
  readonly code: string;
  readonly preview: InvitePreview;
  readonly onSignIn: () => void;
}

/** A name, and a password except for guests. */
export function JoinForm({ model, code, preview, onSignIn }: JoinFormProps): JSX.Element {
  const submit = useMemo(() => new SubmitModel({ fields: { name_taken: "name" } }), []);
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const isGuest = preview.role === "guest";

  const send = (event: Event) => {
    event.preventDefault();
    const account = { invite: code, name: name.trim() };
    if (account.name === "") return submit.refuse("name", "Enter the name that others will see");
    if (isGuest) return void submit.run(() => joinAsGuest(model, account));
    const problem = findPasswordProblem(password, preview.role);
    if (problem !== null) return submit.refuse("password", problem);
    void submit.run(() => register(model, { ...account, password }));
  };
  return (
    <Sheet
      workspaceName={preview.workspaceName}
      title={`Join ${preview.roomName ?? preview.workspaceName}`}
      lead={isGuest
        ? "You are invited as a guest. You only need a name, and stay signed in on this device for a day."
        : "You are invited. Choose the name that others will see."}
      foot={<button type="button" onClick={onSignIn}>I already have an account</button>}
    >
      <form onSubmit={send} noValidate>
        <TextField
          label="Your name"
          name="username"
          autocomplete="username"
          autocapitalize="words"
          spellcheck={false}
          autofocus
          maxLength={NAME_MAX_CHARACTERS * 2}
          value={name}
          onText={setName}
          error={submit.issue("name")}
        />
        {isGuest ? null : (
          <NewPasswordField
            value={password}
            onText={setPassword}
            role={preview.role}
            error={submit.issue("password")}
          />
        )}
        <FormFailure model={submit} fields={["name", "password"]} />
        <Button class="go" kind="primary" type="submit" isBusy={submit.isBusy.value}>
          {isGuest ? "Join" : "Create account"}
        </Button>
      </form>
    </Sheet>
  );
}
