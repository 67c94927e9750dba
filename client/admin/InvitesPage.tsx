import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import type { InviteId, RoomId, UserId } from "../../shared/ids.ts";
import { Button } from "../ui/Button.tsx";
import { FormFailure } from "../ui/FormFailure.tsx";
import { Icon } from "../ui/Icon.tsx";
import { ListFailure } from "../ui/ListFailure.tsx";
import { describeTime } from "../ui/relative_time.ts";
import { SubmitModel } from "../ui/submit_model.ts";
import type { InviteInfo } from "./admin_model.ts";
import type { AdminModel } from "./admin_model.ts";

/** Props of `InvitesPage`. */
export interface InvitesPageProps {
  readonly model: AdminModel;
  readonly nameOf: (userId: UserId) => string;
  readonly roomNameOf: (roomId: RoomId) => string;
  readonly onInvite: () => void;
}

/** Active invite links, with buttons to revoke them. */
export function InvitesPage({ model, nameOf, roomNameOf, onInvite }: InvitesPageProps): JSX.Element {
  const submit = useMemo(() => new SubmitModel(), []);
  useEffect(() => void model.invites.load(), [model]);
  const invites = model.invites.items.value;
  const revoke = (inviteId: InviteId) => void submit.run(() => model.revokeInvite(inviteId));
  return (
    <>
      <div class="page-head">
        <h3>Invites</h3>
        <Button icon="userPlus" onClick={onInvite}>New link</Button>
      </div>
      <p class="page-lead">
        Invite links that still work. Each was shown only once, to the person who created it.
      </p>
      <ListFailure list={model.invites} />
      <FormFailure model={submit} fields={[]} />
      {invites !== null && invites.length === 0
        ? <p class="picks-empty">There are no active links. Create one to invite people.</p>
        : null}
      <ul class="cards" aria-busy={invites === null ? "true" : undefined}>
        {(invites ?? []).map((invite) => (
          <li class="card-row" key={invite.id}>
            <Icon name="link" />
            <span class="card-row-words">
              <span dir="auto">{describe(invite, roomNameOf)}</span>
              <small dir="auto">
                {`${invite.uses} of ${invite.maxUses} used`}
                {` · expires ${describeTime(invite.expiresAt)}`}
                {` · by ${nameOf(invite.by)}`}
              </small>
            </span>
            <Button isBusy={submit.isBusy.value} onClick={() => revoke(invite.id)}>Revoke</Button>
          </li>
        ))}
      </ul>
    </>
  );
}

function describe(invite: InviteInfo, roomNameOf: (roomId: RoomId) => string): string {
  const who = invite.role === "guest" ? "Guests" : "Members";
  return invite.roomId === null ? who : `${who} for ${roomNameOf(invite.roomId)}`;
}
