import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { UserId } from "../../shared/ids.ts";
import type { PresenceStatus } from "../../shared/presence.ts";
import type { RoomMember } from "../../shared/room.ts";
import { Bones } from "../ui/Bones.tsx";
import { Button } from "../ui/Button.tsx";
import { Empty } from "../ui/Empty.tsx";
import type { MenuItem } from "../ui/Menu.tsx";
import { groupMembers } from "./member_groups.ts";
import { MemberRow } from "./MemberRow.tsx";
import type { MembersModel } from "./members_model.ts";
import type { PeopleView } from "./people_view.ts";

/** Props of `MemberList`. */
export interface MemberListProps {
  readonly model: MembersModel;
  readonly people: PeopleView;
  /** The actions for a member; no menu if there are none. */
  readonly actionsFor: (member: RoomMember) => readonly MenuItem[];
  /** Absent if the user may not add members. */
  readonly onAdd?: () => void;
}

/** The members of the room, by presence. */
export function MemberList({ model, people, actionsFor, onAdd }: MemberListProps): JSX.Element {
  const state = model.state.value;
  const members = model.members.value;
  // A row that moves to another group would take its open menu away.
  const [held, setHeld] = useState<ReadonlyMap<UserId, PresenceStatus> | null>(null);
  const holdGroups = (isHeld: boolean) =>
    setHeld(isHeld ? new Map(members.map(({ user: { id } }) => [id, people.statusOf(id)])) : null);
  return (
    <>
      <div class="people" tabIndex={0} role="group" aria-label="Members">
        {state === "loading"
          ? (
            <div class="rooms-bones" aria-hidden="true">
              <Bones count={4} />
            </div>
          )
          : null}
        {state === "failed" && members.length === 0
          ? (
            <Empty
              title="The members could not be loaded"
              icon="users"
              actions={<Button icon="refresh" onClick={() => void model.reload()}>Try again</Button>}
            >
              {model.failure.value?.text}
            </Empty>
          )
          : null}
        {groupMembers(members, (userId) => held?.get(userId) ?? people.statusOf(userId)).map((group) => (
          <section key={group.status}>
            <h3>{group.title}</h3>
            <ul>
              {group.members.map((member) => (
                <li key={member.user.id}>
                  <MemberRow
                    member={member}
                    people={people}
                    actions={actionsFor(member)}
                    onMenu={holdGroups}
                  />
                </li>
              ))}
            </ul>
          </section>
        ))}
        {model.hasMore.value
          ? <Button kind="quiet" onClick={() => void model.loadMore()}>Show more people</Button>
          : null}
      </div>
      {onAdd === undefined ? null : (
        <footer class="panel-foot">
          <Button icon="userPlus" onClick={onAdd}>Add people</Button>
        </footer>
      )}
    </>
  );
}
