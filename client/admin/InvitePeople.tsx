import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { RoomId } from "../../shared/ids.ts";
import type { Me } from "../../shared/user.ts";
import { Button } from "../ui/Button.tsx";
import { CopyField } from "../ui/CopyField.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { FormFailure } from "../ui/FormFailure.tsx";
import { Qr } from "../ui/Qr.tsx";
import { SubmitModel } from "../ui/submit_model.ts";
import type { NewInvite } from "./admin_model.ts";
import { isAdmin } from "./is_admin.ts";
import type { AdminModel } from "./admin_model.ts";
import { InviteForm } from "./InviteForm.tsx";
import { describeInvite, STANDARD_INVITE } from "./new_invite.ts";

/** Props of `InvitePeople`. */
export interface InvitePeopleProps {
  readonly model: AdminModel;
  readonly me: Me;
  /** Rooms that guests may be invited to, the open one first. */
  readonly rooms: readonly { readonly id: RoomId; readonly name: string }[];
  /** True right after setup: a link is created at once, since there are no other users. */
  readonly isWelcome: boolean;
  readonly onClose: () => void;
}

/** Creates an invite link and shows it as text and as a QR code. */
export function InvitePeople({ model, me, rooms, isWelcome, onClose }: InvitePeopleProps): JSX.Element {
  const submit = useMemo(() => new SubmitModel(), []);
  const [made, setMade] = useState<{ url: string; invite: NewInvite } | null>(null);
  const mayInviteMembers = isAdmin(me.role) || model.workspace.value?.membersMayInvite === true;

  const make = (invite: NewInvite) =>
    void submit.run(async () => setMade({ url: await model.createInvite(invite), invite }));
  useEffect(() => {
    if (isWelcome) make(STANDARD_INVITE);
    else if (!isAdmin(me.role)) void submit.run(() => model.loadWorkspace());
  }, []);

  if (isWelcome && made === null && submit.failure.value === null) {
    return (
      <Dialog title={`Welcome to ${me.workspaceName}`} onClose={onClose}>
        <div class="dialog-body">
          <p class="dialog-text">Creating an invite link…</p>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title={isWelcome ? `Welcome to ${me.workspaceName}` : "Invite people"} onClose={onClose}>
      <div class="dialog-body">
        {made === null
          ? <InviteForm rooms={rooms} mayInviteMembers={mayInviteMembers} submit={submit} onMake={make} />
          : (
            <>
              <p class="dialog-text">
                {isWelcome ? "Your first room is ready. Now invite your team. " : null}
                {describeInvite(made.invite)}
              </p>
              <div class="share">
                <Qr text={made.url} label="The invite link as a QR code" />
                <CopyField label="Invite link" text={made.url} />
              </div>
              <div class="dialog-foot">
                <Button class="is-start" kind="quiet" onClick={() => setMade(null)}>
                  Create another link
                </Button>
                <Button kind="primary" onClick={onClose}>Done</Button>
              </div>
            </>
          )}
        {made === null ? null : <FormFailure model={submit} fields={[]} />}
      </div>
    </Dialog>
  );
}
