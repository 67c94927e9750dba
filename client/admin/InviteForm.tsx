import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { INVITE_DEFAULT_USE_COUNT } from "../../shared/limits.ts";
import type { RoomId } from "../../shared/ids.ts";
import { Button } from "../ui/Button.tsx";
import { FormFailure } from "../ui/FormFailure.tsx";
import { SelectField } from "../ui/SelectField.tsx";
import type { SubmitModel } from "../ui/submit_model.ts";
import type { NewInvite } from "./admin_model.ts";
import { daysToMs, INVITE_DAYS, INVITE_USES } from "./new_invite.ts";

/** Props of `InviteForm`. */
export interface InviteFormProps {
  readonly rooms: readonly { readonly id: RoomId; readonly name: string }[];
  readonly mayInviteMembers: boolean;
  readonly submit: SubmitModel;
  readonly onMake: (invite: NewInvite) => void;
}

/** Selects whom a link invites, where to, and for how long. */
export function InviteForm({ rooms, mayInviteMembers, submit, onMake }: InviteFormProps): JSX.Element {
  const [wishedRole, setRole] = useState<"member" | "guest">("member");
  const [chosenId, setRoomId] = useState<RoomId | undefined>(undefined);
  // The rooms may arrive after the form is shown.
  const roomId = chosenId ?? rooms[0]?.id;
  const [days, setDays] = useState(7);
  const [maxUses, setMaxUses] = useState(INVITE_DEFAULT_USE_COUNT);
  const role = mayInviteMembers ? wishedRole : "guest";

  const send = (event: Event) => {
    event.preventDefault();
    const invite = { role, maxUses, expiresInMs: daysToMs(days) };
    onMake(role === "guest" && roomId !== undefined ? { ...invite, roomId } : invite);
  };
  return (
    <form onSubmit={send}>
      <fieldset class="choices">
        <legend class="legend">Who can join</legend>
        {mayInviteMembers
          ? (
            <label class="choice">
              <input
                type="radio"
                name="role"
                checked={role === "member"}
                onChange={() => setRole("member")}
              />
              <span>
                Members<small>Can see all public rooms.</small>
              </span>
            </label>
          )
          : null}
        <label class="choice">
          <input type="radio" name="role" checked={role === "guest"} onChange={() => setRole("guest")} />
          <span>
            Guests<small>Can see one room and need no password.</small>
          </span>
        </label>
      </fieldset>
      {role === "guest"
        ? (
          <SelectField
            label="Room for guests"
            value={roomId ?? ""}
            options={rooms.map((room) => [room.id, room.name])}
            onValue={(value) => setRoomId(rooms.find((room) => room.id === value)?.id)}
            error={submit.issue("roomId")}
          />
        )
        : null}
      <div class="two">
        <SelectField
          label="Number of people"
          value={String(maxUses)}
          options={INVITE_USES.map((uses) => [String(uses), uses === 1 ? "1 person" : `${uses} people`])}
          onValue={(value) => setMaxUses(Number(value))}
        />
        <SelectField
          label="Valid for"
          value={String(days)}
          options={INVITE_DAYS.map((count) => [String(count), count === 1 ? "1 day" : `${count} days`])}
          onValue={(value) => setDays(Number(value))}
        />
      </div>
      <FormFailure model={submit} fields={["roomId"]} />
      <div class="dialog-foot">
        <Button kind="primary" icon="link" type="submit" isBusy={submit.isBusy.value}>Create link</Button>
      </div>
    </form>
  );
}
