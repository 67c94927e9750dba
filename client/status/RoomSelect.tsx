import type { JSX } from "preact";
import type { RoomId } from "../../shared/ids.ts";
import { SelectField } from "../ui/SelectField.tsx";
import { compareNames } from "../ui/compare_names.ts";
import type { FormFields } from "./form_fields.ts";
import type { ManageModel } from "./manage_model.ts";

const FIELD = "roomId";

/** Props of `RoomSelect`. */
export interface RoomSelectProps {
  readonly label: string;
  readonly model: ManageModel;
  readonly form: FormFields;
}

/** Chooses the room that hears of something, among those of the user. */
export function RoomSelect({ label, model, form }: RoomSelectProps): JSX.Element {
  const rooms = model.rooms.value.toSorted((a, b) => compareNames(a.name, b.name));
  return (
    <SelectField
      label={label}
      value={chosenRoom(model, form).roomId ?? ""}
      options={[["", "No room"], ...rooms.map(({ id, name }) => [id, name] as const)]}
      onValue={(value) => form.set(FIELD, value)}
    />
  );
}

/** Says which room hears of each step, if one does. */
export function RoomHint({ name }: { readonly name: string | null }): JSX.Element | null {
  return name === null ? null : <p class="hint">Updates and reminders are posted in {name}.</p>;
}

/** Returns the room that was chosen, for the call that opens something; nothing if it is gone. */
export function chosenRoom(model: ManageModel, form: FormFields): { readonly roomId?: RoomId } {
  const room = model.rooms.value.find(({ id }) => id === form.get(FIELD));
  return room === undefined ? {} : { roomId: room.id };
}
