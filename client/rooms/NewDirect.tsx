import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { UserId } from "../../shared/ids.ts";
import type { Room } from "../../shared/room.ts";
import type { User } from "../../shared/user.ts";
import { Dialog } from "../ui/Dialog.tsx";
import { FormFailure } from "../ui/FormFailure.tsx";
import { SubmitModel } from "../ui/submit_model.ts";
import type { PeopleView } from "./people_view.ts";
import { PersonPicker } from "./PersonPicker.tsx";

/** Props of `NewDirect`. */
export interface NewDirectProps {
  readonly people: PeopleView;
  readonly openDirect: (userId: UserId) => Promise<Room>;
  readonly onOpened: (room: Room) => void;
  readonly onClose: () => void;
}

/** Selects the user of a direct room. */
export function NewDirect({ people, openDirect, onOpened, onClose }: NewDirectProps): JSX.Element {
  const submit = useMemo(() => new SubmitModel(), []);
  const [busyWith, setBusyWith] = useState<UserId | null>(null);
  const pick = async (user: User) => {
    setBusyWith(user.id);
    await submit.run(async () => onOpened(await openDirect(user.id)));
    setBusyWith(null);
  };
  return (
    <Dialog title="New direct message" onClose={onClose} size="small">
      <div class="dialog-body">
        <PersonPicker
          people={people}
          without={new Set([people.me])}
          busyWith={busyWith}
          onPick={(user) => void pick(user)}
          end={(user) => (user.role === "guest" ? "guest" : user.isBot ? "bot" : null)}
          nobody="There is nobody else yet. Invite someone first."
        />
        <FormFailure model={submit} fields={[]} />
      </div>
    </Dialog>
  );
}
