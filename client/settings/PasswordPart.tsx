import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { countCodePoints } from "../../shared/message.ts";
import { passwordMinCharacters } from "../../shared/password_length.ts";
import type { Role } from "../../shared/user.ts";
import { Button } from "../ui/Button.tsx";
import { FormFailure } from "../ui/FormFailure.tsx";
import { PasswordField } from "../ui/PasswordField.tsx";
import { SubmitModel } from "../ui/submit_model.ts";
import type { AccountModel } from "./account_model.ts";

/** Props of `PasswordPart`. */
export interface PasswordPartProps {
  readonly model: AccountModel;
  readonly role: Role;
  readonly onSaved: (text: string) => void;
}

/** Changes the password, which signs out all other devices. */
export function PasswordPart({ model, role, onSaved }: PasswordPartProps): JSX.Element {
  const submit = useMemo(() =>
    new SubmitModel({
      texts: { bad_credentials: "This is not your current password." },
      fields: { bad_credentials: "current" },
    }), []);
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const minimum = passwordMinCharacters(role);

  const save = async (event: Event) => {
    event.preventDefault();
    if (current === "") return submit.refuse("current", "Enter your current password");
    if (countCodePoints(next) < minimum) return submit.refuse("next", `At least ${minimum} characters`);
    if (!await submit.run(() => model.changePassword(current, next))) return;
    setCurrent("");
    setNext("");
    onSaved("The password was changed. Your other devices are signed out.");
  };
  return (
    <section class="page-part">
      <h4>Password</h4>
      <p class="page-lead">This signs you out on your other devices. Tokens of programs keep working.</p>
      <form onSubmit={(event) => void save(event)} noValidate>
        <PasswordField
          label="Current password"
          name="current-password"
          autocomplete="current-password"
          value={current}
          onText={setCurrent}
          error={submit.issue("current")}
        />
        <PasswordField
          label="New password"
          name="new-password"
          autocomplete="new-password"
          value={next}
          onText={setNext}
          hint={`At least ${minimum} characters. A sentence works well.`}
          error={submit.issue("next")}
        />
        <FormFailure model={submit} fields={["current", "next"]} />
        <Button class="go" type="submit" isBusy={submit.isBusy.value}>Change password</Button>
      </form>
    </section>
  );
}
