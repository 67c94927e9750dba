import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { Button } from "../ui/Button.tsx";
import { FormFailure } from "../ui/FormFailure.tsx";
import { SubmitModel } from "../ui/submit_model.ts";
import { TextField } from "../ui/TextField.tsx";
import { NewPasswordField } from "./NewPasswordField.tsx";
import { findPasswordProblem } from "./password.ts";
import { Sheet } from "./Sheet.tsx";
import type { SessionModel } from "./session_model.ts";
import { setup } from "./sign_in.ts";

const FIELDS = ["workspaceName", "name", "password"];

/** Creates the first owner and names the workspace. */
export function Setup(
  { model, token, onSignIn }: { model: SessionModel; token: string; onSignIn: () => void },
): JSX.Element {
  const submit = useMemo(() => new SubmitModel(), []);
  const [workspaceName, setWorkspaceName] = useState("");
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");

  const send = (event: Event) => {
    event.preventDefault();
    if (name.trim() === "") return submit.refuse("name", "Enter the name that others will see");
    const problem = findPasswordProblem(password, "owner");
    if (problem !== null) return submit.refuse("password", problem);
    void submit.run(() => setup(model, { token, name: name.trim(), password, workspaceName }));
  };
  if (token === "") {
    return (
      <Sheet
        workspaceName="Parley"
        title="Almost there"
        lead="This is only part of the setup link. Open the whole link that the server printed at startup."
        foot={<button type="button" onClick={onSignIn}>Sign in instead</button>}
      />
    );
  }
  return (
    <Sheet
      workspaceName="Parley"
      title="Set up Parley"
      lead="You are the first user and will own this workspace. Next, you can invite others."
      foot={submit.failure.value?.code === "already_set_up"
        ? <button type="button" onClick={onSignIn}>Go to sign-in</button>
        : undefined}
    >
      <form onSubmit={send} noValidate>
        <TextField
          label="Workspace name"
          name="organization"
          placeholder="Parley"
          autofocus
          maxLength={80}
          value={workspaceName}
          onText={setWorkspaceName}
          error={submit.issue("workspaceName")}
        />
        <TextField
          label="Your name"
          name="username"
          autocomplete="username"
          autocapitalize="words"
          spellcheck={false}
          value={name}
          onText={setName}
          error={submit.issue("name")}
        />
        <NewPasswordField
          value={password}
          onText={setPassword}
          role="owner"
          error={submit.issue("password")}
        />
        <FormFailure model={submit} fields={FIELDS} />
        <Button class="go" kind="primary" type="submit" isBusy={submit.isBusy.value}>
          Create workspace
        </Button>
      </form>
    </Sheet>
  );
}
