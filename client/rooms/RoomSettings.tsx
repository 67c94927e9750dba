import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { ROOM_NAME_MAX_CHARACTERS, TOPIC_MAX_CHARACTERS } from "../../shared/limits.ts";
import type { Room } from "../../shared/room.ts";
import { Button } from "../ui/Button.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { FormFailure } from "../ui/FormFailure.tsx";
import { SubmitModel } from "../ui/submit_model.ts";
import { TextField } from "../ui/TextField.tsx";
import type { Trpc } from "../net/trpc.ts";

/** Props of `RoomSettings`. */
export interface RoomSettingsProps {
  readonly room: Room;
  readonly api: Pick<Trpc["rooms"], "update" | "archive">;
  readonly onSaved: (text: string) => void;
  readonly onClose: () => void;
}

/** Name, topic and archiving of a room. */
export function RoomSettings({ room, api, onSaved, onClose }: RoomSettingsProps): JSX.Element {
  const submit = useMemo(() =>
    new SubmitModel({
      texts: { name_taken: "A room with that name exists. Choose another name." },
      fields: { name_taken: "name" },
    }), []);
  const archiving = useMemo(() => new SubmitModel(), []);
  const [name, setName] = useState(room.name);
  const [topic, setTopic] = useState(room.topic);
  const isArchived = room.archivedAt !== null;

  const save = async (event: Event) => {
    event.preventDefault();
    const change = {
      ...(name.trim() === room.name ? {} : { name: name.trim() }),
      ...(topic.trim() === room.topic ? {} : { topic: topic.trim() }),
    };
    if (Object.keys(change).length === 0) return onClose();
    if (name.trim() === "") return submit.refuse("name", "Give the room a name");
    if (!await submit.run(() => api.update.mutate({ roomId: room.id, ...change }))) return;
    onSaved("The room was saved.");
    onClose();
  };
  const archive = async () => {
    if (!await archiving.run(() => api.archive.mutate({ roomId: room.id, on: !isArchived }))) return;
    onSaved(isArchived ? "The room was restored." : "The room was archived. Everyone can still read it.");
    onClose();
  };
  return (
    <Dialog title="Room settings" onClose={onClose}>
      <div class="dialog-body">
        <form onSubmit={(event) => void save(event)} noValidate>
          <TextField
            label="Name"
            maxLength={ROOM_NAME_MAX_CHARACTERS}
            value={name}
            onText={setName}
            error={submit.issue("name")}
          />
          <TextField
            label="Topic"
            maxLength={TOPIC_MAX_CHARACTERS}
            value={topic}
            onText={setTopic}
            hint="Shown below the room's name."
            error={submit.issue("topic")}
          />
          <FormFailure model={submit} fields={["name", "topic"]} />
          <div class="dialog-foot">
            <Button onClick={onClose}>Cancel</Button>
            <Button kind="primary" type="submit" isBusy={submit.isBusy.value}>Save</Button>
          </div>
        </form>
        <section class="dialog-part">
          <h3>{isArchived ? "Restore the room" : "Archive the room"}</h3>
          <p class="dialog-text small">
            {isArchived
              ? "Members will be able to write in it again."
              : "Nobody can write in it, but everyone can still read it. You can restore it later."}
          </p>
          <FormFailure model={archiving} fields={[]} />
          <div class="dialog-foot">
            <Button
              kind={isArchived ? "plain" : "danger"}
              icon="archive"
              isBusy={archiving.isBusy.value}
              onClick={() => void archive()}
            >
              {isArchived ? "Restore" : "Archive"}
            </Button>
          </div>
        </section>
      </div>
    </Dialog>
  );
}
