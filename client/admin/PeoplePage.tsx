import type { ComponentChildren, JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { UserId } from "../../shared/ids.ts";
import type { Me, Role, User } from "../../shared/user.ts";
import { Button } from "../ui/Button.tsx";
import { ConfirmDialog } from "../ui/ConfirmDialog.tsx";
import { CopyField } from "../ui/CopyField.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { foldForSearch } from "../ui/fold_for_search.ts";
import { FormFailure } from "../ui/FormFailure.tsx";
import { ListFailure } from "../ui/ListFailure.tsx";
import { SubmitModel } from "../ui/submit_model.ts";
import { TextField } from "../ui/TextField.tsx";
import type { AdminModel } from "./admin_model.ts";
import { PersonCard } from "./PersonCard.tsx";

/** Props of `PeoplePage`. */
export interface PeoplePageProps {
  readonly model: AdminModel;
  readonly me: Me;
  readonly dot: (userId: UserId) => ComponentChildren;
  /** When an account was deactivated, as told since the list was loaded. */
  readonly deactivatedAt: (userId: UserId) => string | null;
  readonly onInvite: () => void;
}

/** All accounts: roles, reset links, deactivation. */
export function PeoplePage({ model, me, dot, deactivatedAt, onInvite }: PeoplePageProps): JSX.Element {
  const submit = useMemo(() => new SubmitModel(), []);
  const [query, setQuery] = useState("");
  const [leaving, setLeaving] = useState<User | null>(null);
  const [reset, setReset] = useState<{ user: User; url: string } | null>(null);
  useEffect(() => void model.users.load(), [model]);

  const users = model.users.items.value;
  const wanted = foldForSearch(query.trim());
  const found = (users ?? []).filter((user) => foldForSearch(user.name).includes(wanted));
  const setRole = (user: User, role: Role) => submit.run(() => model.setRole(user.id, role));
  const makeReset = (user: User) =>
    void submit.run(async () => setReset({ user, url: await model.makeResetLink(user.id) }));
  return (
    <>
      <div class="page-head">
        <h3>People</h3>
        <Button icon="userPlus" onClick={onInvite}>Invite people</Button>
      </div>
      <p class="page-lead">Everyone with an account. Messages of deactivated people stay.</p>
      {users !== null && users.length > 12
        ? <TextField label="Find by name" type="search" value={query} onText={setQuery} />
        : null}
      <ListFailure list={model.users} />
      <FormFailure model={submit} fields={[]} />
      <ul class="cards" aria-busy={users === null ? "true" : undefined}>
        {found.map((user) => (
          <li key={user.id}>
            <PersonCard
              user={{ ...user, deactivatedAt: user.deactivatedAt ?? deactivatedAt(user.id) }}
              me={me}
              dot={dot}
              onRole={(role) => setRole(user, role)}
              onReset={() => makeReset(user)}
              onDeactivate={() => setLeaving(user)}
            />
          </li>
        ))}
      </ul>
      {leaving === null ? null : (
        <ConfirmDialog
          title={`Deactivate ${leaving.name}?`}
          verb="Deactivate"
          action={() => model.deactivate(leaving.id)}
          onClose={() => setLeaving(null)}
        >
          They are signed out everywhere and cannot sign in again. Their messages stay.
        </ConfirmDialog>
      )}
      {reset === null
        ? null
        : (
          <Dialog title={`New password for ${reset.user.name}`} onClose={() => setReset(null)} size="small">
            <div class="dialog-body">
              <p class="dialog-text">
                Give {reset.user.name}{" "}
                this link through a channel you trust. It works once, within an hour, and signs them out
                everywhere.
              </p>
              <div class="share">
                <CopyField label="Reset link" text={reset.url} />
              </div>
              <div class="dialog-foot">
                <Button kind="primary" onClick={() => setReset(null)}>Done</Button>
              </div>
            </div>
          </Dialog>
        )}
    </>
  );
}
