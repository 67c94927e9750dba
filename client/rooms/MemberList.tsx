import type { JSX } from "preact";
import { useId } from "preact/hooks";
import { Button } from "../ui/Button.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { Empty } from "../ui/Empty.tsx";
import { IconButton } from "../ui/IconButton.tsx";
import type { MenuItem } from "../ui/Menu.tsx";
import { groupMembers } from "./member_groups.ts";
import { MemberRow } from "./MemberRow.tsx";
import type { MembersModel } from "./members_model.ts";
import type { PeopleView } from "./people_view.ts";
import type { Member } from "./rooms_api.ts";

/** What the side panel shows and tells. */
export interface MemberListProps {
  readonly model: MembersModel;
  readonly people: PeopleView;
  /** True on a phone: the list lies over the room as a dialog. */
  readonly isDialog: boolean;
  readonly onClose: () => void;
  /** What can be done with a member; nothing for an empty list. */
  readonly actionsFor: (member: Member) => readonly MenuItem[];
  /** Absent when one may not bring people in. */
  readonly onAdd?: () => void;
}

/** Who is in the room, by presence: beside it, or over it on a phone. */
export function MemberList(props: MemberListProps): JSX.Element {
  const { isDialog, onClose, onAdd } = props;
  const id = useId();
  const foot = onAdd === undefined ? null : (
    <footer class="panel-foot">
      <Button icon="userPlus" onClick={onAdd}>Add people</Button>
    </footer>
  );
  if (isDialog) {
    return (
      <Dialog title="Members" onClose={onClose} size="wide">
        <div class="people">
          <Groups {...props} />
        </div>
        {foot}
      </Dialog>
    );
  }
  return (
    <aside class="panel" aria-labelledby={id}>
      <header class="panel-head">
        <h2 id={id}>Members</h2>
        <IconButton icon="x" label="Close members" onClick={onClose} />
      </header>
      <div class="people" tabIndex={0} role="group" aria-labelledby={id}>
        <Groups {...props} />
      </div>
      {foot}
    </aside>
  );
}

function Groups({ model, people, actionsFor }: MemberListProps): JSX.Element {
  const state = model.state.value;
  return (
    <>
      {state === "loading" ? <Bones /> : null}
      {state === "failed" && model.members.value.length === 0
        ? (
          <Empty
            title="The members did not load"
            icon="users"
            actions={<Button icon="refresh" onClick={() => void model.reload()}>Try again</Button>}
          >
            {model.failure.value?.text}
          </Empty>
        )
        : null}
      {groupMembers(model.members.value, people.statusOf).map((group) => (
        <section key={group.status}>
          <h3>{group.title}</h3>
          <ul>
            {group.members.map((member) => (
              <li key={member.user.id}>
                <MemberRow member={member} people={people} actions={actionsFor(member)} />
              </li>
            ))}
          </ul>
        </section>
      ))}
      {model.hasMore.value
        ? <Button kind="quiet" onClick={() => void model.loadMore()}>Show more people</Button>
        : null}
    </>
  );
}

function Bones(): JSX.Element {
  return (
    <div class="rooms-bones" aria-hidden="true">
      {[1, 2, 3, 4].map((bone) => <span key={bone} class="bone" />)}
    </div>
  );
}
