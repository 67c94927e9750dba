import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { NAME_MAX_CHARACTERS } from "../../shared/limits.ts";
import type { Me } from "../../shared/user.ts";
import { Button } from "../ui/Button.tsx";
import { FormFailure } from "../ui/FormFailure.tsx";
import { Icon } from "../ui/Icon.tsx";
import { LATE_ICONS } from "../ui/late_icons.ts";
import { SubmitModel } from "../ui/submit_model.ts";
import { TextField } from "../ui/TextField.tsx";
import type { AccountModel } from "./account_model.ts";
import { PasswordPart } from "./PasswordPart.tsx";
import { ResetWords } from "./ResetWords.tsx";

/** Props of `AccountPage`. */
export interface AccountPageProps {
  readonly model: AccountModel;
  readonly me: Me;
  readonly onSaved: (text: string) => void;
  readonly onSignOut: () => void;
}

/** Name, password, past resets and sign-out. */
export function AccountPage({ model, me, onSaved, onSignOut }: AccountPageProps): JSX.Element {
  const isGuest = me.role === "guest";
  return (
    <>
      <h3>Account</h3>
      {isGuest
        ? <p class="page-lead">You are {me.name}. Guests cannot change their name.</p>
        : <NamePart model={model} me={me} onSaved={onSaved} />}
      {isGuest ? null : <PasswordPart model={model} role={me.role} onSaved={onSaved} />}
      {me.passwordResets.length === 0 ? null : <ResetsPart me={me} />}
      <section class="page-part">
        <h4>Sign out</h4>
        <p class="page-lead">
          {isGuest
            ? "You have no password, so you cannot sign in again with this name. To come back, ask for a new invite."
            : "Signs you out and removes everything that is stored on this device: drafts, too, and messages that wait to be sent."}
        </p>
        <Button class="go" icon="logOut" onClick={onSignOut}>Sign out</Button>
      </section>
    </>
  );
}

function ResetsPart({ me: { name, passwordResets } }: { me: Me }): JSX.Element {
  return (
    <section class="page-part">
      <h4>Password resets</h4>
      <p class="page-lead">In the last 30 days. If you did not request one, tell an owner.</p>
      <ul class="cards">
        {passwordResets.map((reset) => (
          <li class="card-row" key={reset.at}>
            <Icon name={LATE_ICONS.key} />
            <span class="card-row-words">
              <span>
                <ResetWords reset={reset} ownName={name} />
              </span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function NamePart({ model, me, onSaved }: Omit<AccountPageProps, "onSignOut">): JSX.Element {
  const submit = useMemo(() => new SubmitModel({ fields: { name_taken: "name" } }), []);
  const [name, setName] = useState(me.name);

  const save = async (event: Event) => {
    event.preventDefault();
    if (name.trim() === "") return submit.refuse("name", "Enter the name that others will see");
    if (name.trim() === me.name) return;
    if (await submit.run(() => model.rename(name.trim()))) onSaved("Your name was changed.");
  };
  return (
    <form onSubmit={(event) => void save(event)} noValidate>
      <TextField
        label="Your name"
        name="username"
        autocomplete="username"
        spellcheck={false}
        maxLength={NAME_MAX_CHARACTERS * 2}
        value={name}
        onText={setName}
        hint="Others see it, and you sign in with it."
        error={submit.issue("name")}
      />
      <FormFailure model={submit} fields={["name"]} />
      <Button class="go" kind="primary" type="submit" isBusy={submit.isBusy.value}>Save name</Button>
    </form>
  );
}
