import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { UserId } from "../../shared/ids.ts";
import type { User } from "../../shared/user.ts";
import { Button } from "../ui/Button.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { FormFailure } from "../ui/FormFailure.tsx";
import { SubmitModel } from "../ui/submit_model.ts";
import type { MembersModel } from "./members_model.ts";
import type { PeopleView } from "./people_view.ts";
import { PersonPicker } from "./PersonPicker.tsx";

/** Props of `AddMembers`. */
export interface AddMembersProps {
  readonly roomTitle: string;
  readonly members: MembersModel;
  readonly people: PeopleView;
  /** Absent if the user may not create invite links. */
  readonly onInvite?: () => void;
  readonly onClose: () => void;
}

/** Adds users to the room, with one click each. */
export function AddMembers({ roomTitle, members, people, onInvite, onClose }: AddMembersProps): JSX.Element {
  const submit = useMemo(() => new SubmitModel(), []);
  const [busyWith, setBusyWith] = useState<UserId | null>(null);
  const [added, setAdded] = useState<readonly string[]>([]);
  const pick = async (user: User) => {
    setBusyWith(user.id);
    if (await submit.run(() => members.add(user.id))) setAdded((names) => [...names, user.name]);
    setBusyWith(null);
  };
  const inRoom = new Set(members.members.value.map((member) => member.user.id));
  return (
    <Dialog title={`Add people to ${roomTitle}`} onClose={onClose} size="small">
      <div class="dialog-body">
        <PersonPicker
          people={people}
          without={inRoom}
          busyWith={busyWith}
          onPick={(user) => void pick(user)}
          end={() => "Add"}
          nobody="Everyone is already in this room."
        />
        <FormFailure model={submit} fields={[]} />
        <p class="hint" role="status">{added.length === 0 ? "" : `Added ${added.join(", ")}.`}</p>
        <div class="dialog-foot">
          {onInvite === undefined
            ? null
            : <Button class="is-start" kind="quiet" icon="link" onClick={onInvite}>Invite by link</Button>}
          <Button kind="primary" onClick={onClose}>Done</Button>
        </div>
      </div>
    </Dialog>
  );
}
