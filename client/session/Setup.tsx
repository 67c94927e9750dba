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

const FIELDS = ["workspaceName", "name", "password"];

/** The first owner names the place and comes in. */
export function Setup(
  { model, token, onSignIn }: { model: SessionModel; token: string; onSignIn: () => void },
): JSX.Element {
  const submit = useMemo(() => new SubmitModel(), []);
  const [workspaceName, setWorkspaceName] = useState("");
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");

  const send = (event: Event) => {
    event.preventDefault();
    if (name.trim() === "") return submit.refuse("name", "Type the name that others will see");
    const problem = findPasswordProblem(password, "owner");
    if (problem !== null) return submit.refuse("password", problem);
    void submit.run(() => model.setup({ token, name: name.trim(), password, workspaceName }));
  };
  if (token === "") {
    return (
      <Sheet
        placeName="Parley"
        title="Almost there"
        lead="The setup link is more than this address. Open the whole line that the server printed at its start."
        foot={<button type="button" onClick={onSignIn}>Sign in instead</button>}
      />
    );
  }
  return (
    <Sheet
      placeName="Parley"
      title="Make it yours"
      lead="You are the first. This account owns the place; you invite the others next."
      foot={submit.failure.value?.code === "already_set_up"
        ? <button type="button" onClick={onSignIn}>Go to sign-in</button>
        : undefined}
    >
      <form onSubmit={send} noValidate>
        <TextField
          label="Name of the place"
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
          Create and open the first room
        </Button>
      </form>
    </Sheet>
  );
}
